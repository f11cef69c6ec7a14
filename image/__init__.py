"""How the image is built on this machine: with docker, podman or buildah, and without a registry too."""
