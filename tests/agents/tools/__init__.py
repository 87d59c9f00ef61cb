"""Tests of the tools agents may call."""
