"""Hooks on DocTypes that are not ours: one file for each."""
