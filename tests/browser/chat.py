"""A chat page as a person uses it."""

from playwright.sync_api import FilePayload, Locator, Page, Response, expect

PATIENCE = 30_000
"""Milliseconds a person would wait for a page."""
expect.set_options(timeout=PATIENCE)


class Chat:
    """One tab."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self._url = url

    def open(self, path: str) -> None:
        self.page.goto(self._url + path)
        self.expect_drawn()
        expect(self.page.get_by_test_id("stSidebar")).to_be_attached()

    def send(self, prompt: str) -> None:
        box = self.page.get_by_test_id("stChatInputTextArea")
        box.fill(prompt)
        box.press("Enter")

    @property
    def messages(self) -> Locator:
        return self.page.get_by_test_id("stChatMessage")

    @property
    def live_text(self) -> Locator:
        """The text being written. For a moment, as one conversation follows another, the page still holds the old one's too."""
        return self.page.locator(".is-writing .live-text").last

    @property
    def live_note(self) -> Locator:
        """What the answer waits for; the last of two, for a moment."""
        return self.page.locator(".live-note").last

    @property
    def stop(self) -> Locator:
        return self.page.locator(".st-key-stop button")

    def click(self, key: str) -> None:
        """Click a button by its widget key, once it stands still: what is drawn meanwhile moves it from under the pointer."""
        self.expect_drawn()
        self.page.locator(f".st-key-{key} button:visible").click()

    def attach(self, *files: tuple[str, bytes]) -> None:
        """Give files by name and content to the prompt box, and wait until they are uploaded: before that, Enter does nothing."""
        uploaded: list[Response] = []
        self.page.on("response", lambda response: uploaded.append(response) if response.request.method == "PUT" else None)
        box = self.page.get_by_test_id("stChatInput").locator("input[type=file]")
        box.set_input_files([FilePayload(name=name, mimeType="image/png", buffer=data) for name, data in files])
        expect(self.page.get_by_test_id("stFileChip")).to_have_count(len(files))
        while len(uploaded) < len(files):
            self.page.wait_for_timeout(20)
        expect(self.page.get_by_test_id("stChatInputSubmitButton")).to_be_enabled()

    def begin_another(self) -> None:
        """Go to a new conversation's page and wait for it."""
        self.click("new_conversation")
        expect(self.messages).to_have_count(0)
        self.expect_drawn()

    def button_of(self, text: str, name: str) -> Locator:
        """A button under the turn that says a text."""
        return self.page.locator('[class*="st-key-turn_"]').filter(has_text=text).get_by_role("button", name=name, exact=True)

    @property
    def conversation(self) -> str:
        """The id in the address."""
        return self.page.url.partition("conversation=")[2]

    def expect_drawn(self) -> None:
        """Wait until the server has drawn all that is to be seen for now."""
        expect(self.page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")

    def expect_conversation(self) -> None:
        """Wait until the address names a conversation."""
        self.page.wait_for_url("**?conversation=*")

    def expect_said(self, *texts: str) -> None:
        """Wait until exactly these messages are drawn as finished, each holding its text once."""
        expect(self.messages).to_have_count(len(texts))
        for index, text in enumerate(texts):
            expect(self.messages.nth(index)).to_contain_text(text)
        expect(self.stop).to_have_count(0)
        self.expect_drawn()
