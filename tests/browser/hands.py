"""What a visitor does on the page, in the words of a visitor."""

from playwright.sync_api import Locator, Page


def ask(page: Page, words: str, wait: bool = True) -> None:
    """Type a question and press Enter; wait for the answer to be whole."""
    before = answers(page).count()
    page.locator("#ask textarea").fill(words)
    page.locator("#ask textarea").press("Enter")
    if wait:
        answers(page).nth(before).wait_for()
        answered(page)


def answered(page: Page) -> None:
    """Wait until nothing is being written."""
    page.locator("#send:visible").wait_for()
    page.locator(".growing").wait_for(state="detached")


def answers(page: Page) -> Locator:
    """Return the answers in the conversation."""
    return page.locator("#log .turn.answer")


def chats(page: Page) -> Locator:
    """Return the chats in the list."""
    return page.locator("#chats-panel li")
