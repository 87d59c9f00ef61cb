"""The demo model describes images by what it measures in them."""

import asyncio
import io
import time

import pytest
from autogen_agentchat.agents import AssistantAgent
from autogen_agentchat.messages import MultiModalMessage
from autogen_core import Image
from PIL import Image as Picture
from PIL import ImageDraw, ImageFile, ImageFilter, ImageFont

from agents.models.demo import DemoClient
from agents.models.demo.measures import colour_name, measure
from tests.agents.models.demo.conversation import history, said


def graphic() -> Picture.Image:
    image = Picture.new("RGB", (640, 480), "white")
    pen = ImageDraw.Draw(image)
    pen.rectangle((50, 50, 300, 300), fill="#0078d4")
    pen.ellipse((350, 150, 600, 400), fill="orange")
    return image


def page() -> Picture.Image:
    image = Picture.new("RGB", (900, 1200), "white")
    pen = ImageDraw.Draw(image)
    for line in range(20, 1180, 24):
        pen.text((30, line), "The quick brown fox jumps over the lazy dog. " * 3, fill="black", font=ImageFont.load_default(18))
    return image


def photo(width: int = 1568, height: int = 1045) -> Picture.Image:
    bands = (Picture.linear_gradient("L").resize((width, height)), Picture.effect_noise((width, height), 60), Picture.radial_gradient("L"))
    return Picture.merge("RGB", [band.resize((width, height)) for band in bands])


def dark() -> Picture.Image:
    return Picture.new("RGB", (300, 300), (5, 5, 20))


def test_size_colours_light_focus_and_kind_are_said() -> None:
    text = said(history(["Describe this.", Image(graphic())]))

    assert "**demo model**" in text
    assert "640 × 480 pixels, landscape" in text
    assert "white (63%), blue (21%), orange (16%)" in text
    assert "bright" in text
    assert "**Focus**: sharp" in text
    assert "like a graphic" in text


@pytest.mark.parametrize(("image", "kind"), [(graphic(), "graphic"), (page(), "text"), (photo(), "photo"), (dark(), "plain")])
def test_kinds(image: Picture.Image, kind: str) -> None:
    measured = measure(image)

    assert measured
    assert measured.kind == kind


@pytest.mark.parametrize("image", [graphic(), page(), photo()])
def test_a_blurred_image_is_told_from_a_sharp_one(image: Picture.Image) -> None:
    assert "**Focus**: sharp" in said(history([Image(image)]))
    assert "soft or blurred" in said(history([Image(image.filter(ImageFilter.GaussianBlur(6)))]))


def test_transparency_is_measured() -> None:
    image = Picture.new("RGBA", (400, 200), (0, 0, 0, 0))
    ImageDraw.Draw(image).rectangle((0, 0, 199, 200), fill=(200, 30, 30, 255))
    measured = measure(image)

    assert measured
    assert measured.transparent == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "LAB", "HSV", "I", "F", "I;16"])
def test_every_mode_and_the_smallest_image_are_measured(mode: str) -> None:
    assert measure(Picture.new(mode, (1, 1)))
    assert measure(Picture.new(mode, (1, 3000)))
    assert measure(Picture.new(mode, (0, 0))) is None


def test_a_broken_image_is_said_to_be_unreadable() -> None:
    data = io.BytesIO()
    photo(200, 200).save(data, "PNG")
    image = Image(dark())
    image.image = Picture.open(io.BytesIO(data.getvalue()[:3000]))

    assert not ImageFile.LOAD_TRUNCATED_IMAGES
    assert "could not be read" in said(history(["Look", image]))
    assert "Unreadable" in said(history(["Look", image]), json_output=True)


def test_several_images_are_described_each_and_compared_later() -> None:
    both: list[str | Image] = ["Describe", Image(graphic()), Image(dark())]

    assert said(history([*both])).count("### Image ") == 2
    assert "**Image 1** is the brightest" in said(history([*both], "Which one is brighter?"))
    assert "**Image 2** is the darkest" in said(history([Image(graphic())], [Image(dark())], "Which image is the darkest?"))
    assert "**Image 1** is the brightest" in said(history([Image(graphic())], ["Is this one brighter?", Image(dark())]))
    assert "measure the same" in said(history([Image(dark()), Image(dark())], "Which is larger?"))


def test_a_question_about_earlier_images_measures_them_again() -> None:
    text = said(history([Image(graphic())], "What colours does it have?"))

    assert "blue (21%)" in text
    assert "640" not in text


def test_images_of_the_past_do_not_stop_plain_talk() -> None:
    assert "without understanding" in said(history([Image(graphic())], "Thank you"))
    assert "### Image 2" in said(history([Image(graphic())], [Image(dark())]))


def test_a_large_image_takes_no_time() -> None:
    image = photo(1568, 1568)
    measure(image)
    start = time.thread_time()
    measure(image)

    assert time.thread_time() - start < 0.2


@pytest.mark.parametrize(
    ("colour", "name"),
    [
        ("#000000", "black"),
        ("#ffffff", "white"),
        ("#808080", "grey"),
        ("#d01020", "red"),
        ("#0078d4", "blue"),
        ("#001050", "dark blue"),
        ("#ffa500", "orange"),
        ("#ffff00", "yellow"),
        ("#8b4513", "brown"),
        ("#20a040", "green"),
        ("#ff69b4", "pink"),
        ("#800080", "purple"),
        ("#f5deb3", "beige"),
        ("#008080", "turquoise"),
        ("#add8e6", "light blue"),
    ],
)
def test_colours_have_the_names_people_give_them(colour: str, name: str) -> None:
    assert colour_name(*bytes.fromhex(colour[1:])) == name


def test_an_agent_describes_an_image() -> None:
    agent = AssistantAgent("assistant", DemoClient(0), model_client_stream=True)
    message = MultiModalMessage(content=["Here is an image:", Image(page())], source="user")

    assert "like text" in asyncio.run(agent.run(task=message)).messages[-1].to_text()
