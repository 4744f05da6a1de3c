"""Remedies against forgetting: one file each, written against `contract`, listed in `table`."""
