"""Beside the grades of enterprises: adjustments by people, and devices with what they come to by enterprise."""
