"""Fields: Arrow columns to the values of fields, the model's input tensors, and the errors of rows."""
