"""Ads found against ads marked."""
