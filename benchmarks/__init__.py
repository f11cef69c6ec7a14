"""Measurements that can be run again: the serving process against its rivals (`make bench`)."""
