"""Words of free texts, as training and serving split them."""
