"""The custom resource that lays a bundle in the artifact bucket."""
