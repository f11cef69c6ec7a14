"""How a model is made: data, fit, evaluation, bundle."""
