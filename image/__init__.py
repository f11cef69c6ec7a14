"""Build of the container image with docker, podman or buildah, with or without access to a registry."""
