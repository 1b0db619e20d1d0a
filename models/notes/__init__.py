"""Fitting and checking what the chapters and the notes are made with."""
