"""Whether what is installed can serve: asked while the image is built."""
