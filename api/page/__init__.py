"""Page for people: forms of the models' fields, answers, and the same requests as commands."""
