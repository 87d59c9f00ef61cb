"""A page on one screen after the other, light and dark, without a reload: the state that it is in stays."""

from typing import Literal

from playwright.sync_api import Browser, Page, ViewportSize, expect

Theme = Literal["light", "dark"]
THEMES: tuple[Theme, ...] = ("light", "dark")
HEIGHTS = {1440: 900, 768: 1024, 360: 740}
"""By width: a desk, a tablet, a phone."""
WIDE, _, NARROW = HEIGHTS
IS_SHOWN = """([theme, isWide]) => {
  const sidebar = document.querySelector('[data-testid="stSidebar"]')?.getBoundingClientRect();
  return getComputedStyle(document.querySelector('[data-testid="stApp"]')).colorScheme === theme
    && (isWide === null || !sidebar || isWide === (sidebar.right > 0));
}"""
"""The theme is there, and the sidebar where a screen of a new width has it: it gives way up to 768 px."""
IS_STILL = """async () => {
  for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame);
  const isFading = ({ playState, effect }) => playState === "running" && effect.getComputedTiming().iterations !== Infinity;
  const fading = document.getAnimations().filter(isFading).map((animation) => animation.finished.catch(() => {}));
  await Promise.race([new Promise((resolve) => setTimeout(resolve, 1000)), Promise.all(fading)]);
}"""
"""What fades has begun to, and nothing is half faded in any more; what goes on for longer than a second is no fading."""


def size_of(width: int) -> ViewportSize:
    return ViewportSize(width=width, height=HEIGHTS[width])


def opened(browser: Browser) -> Page:
    """A page on the widest screen, in the light, where nothing moves."""
    return browser.new_page(viewport=size_of(WIDE), color_scheme=THEMES[0], reduced_motion="reduce", accept_downloads=True)


def expect_still(page: Page) -> None:
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
    page.evaluate(IS_STILL)


def show(page: Page, theme: Theme, width: int) -> None:
    """Show the page as it is on another screen."""
    is_new = page.viewport_size is None or page.viewport_size["width"] != width
    page.emulate_media(color_scheme=theme)
    page.set_viewport_size(size_of(width))
    page.wait_for_function(IS_SHOWN, arg=[theme, width > 768 if is_new else None])
    expect_still(page)
