"""What the settings in force cost in a month, from a dated table of prices."""
