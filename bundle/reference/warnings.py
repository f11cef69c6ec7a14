"""Kinds of warnings of a prediction, with their causes."""

WARNINGS = {
    "unseen_value": "a value that no row of the training had",
    "out_of_range": "a number or time outside of the range that training saw",
    "far_date": "a day outside of the trained days by more than these are long, or by more than a year",
    "little_known": "none of the optional fields is given",
    "near_threshold": "a probability within noise of the threshold: half of the test rows moved by less when "
    "the model was fitted again on all rows",
}
