"""What tests of pages share."""

from tests import components

components.look_once()
