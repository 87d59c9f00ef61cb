"""The ASGI entry. `uvicorn app:app` serves it, which is what `make run` does; `streamlit run app.py` works too."""

import gc

gc.disable()  # what is imported stays: to look through it for garbage again and again was a seventh of the start

import asyncio
import logging
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.routing import Route
from streamlit import config

from agents.application import VERSION, application, close_application
from agents.garbage import spare_what_stays
from agents.logs import set_up_logs
from agents.telemetry import start_telemetry
from pages.ui import chat as _chat  # noqa: F401  # with it comes all that the first visitor would otherwise wait for
from pages.ui.callbacks import keep_callbacks_whole
from pages.ui.held import held_bytes
from pages.ui.media import note_media
from pages.ui.particulars import keep_particulars
from pages.ui.readiness import get_ready
from pages.ui.said import say_script_error
from pages.ui.signing_in import sign_in_secrets
from pages.web.events import events
from pages.web.first_page import FirstPage, to_first_page
from pages.web.gate import Gate
from pages.web.headers import SecurityHeaders
from pages.web.health import health
from pages.web.images import images
from pages.web.marks import marks
from pages.web.media import Media
from pages.web.metrics import metrics
from pages.web.parts import addresses, parts
from pages.web.startup import StartFailure
from pages.web.stopping import mind_stop
from pages.web.uploads import Uploads

gc.enable()

HERE = Path(__file__).parent
UI = HERE / "pages" / "ui"
STYLES = ("style.css", "live.css", "pictures.css", "shortcuts.css", "contrast.css")
SCRIPTS = ("focus.js", "motion.js")
INDEX = Path(st.__file__).parent / "static" / "index.html"
PAGE = to_first_page(
    INDEX.read_text(encoding="utf-8"),
    styles=[(UI / name).read_text(encoding="utf-8") for name in STYLES],
    scripts=[(UI / name).read_text(encoding="utf-8") for name in SCRIPTS],
    parts=addresses(),
)


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncGenerator[None]:
    logging.getLogger("uvicorn.access").disabled = True  # its lines would hold the tickets of live events
    mind_stop()
    started = await run_in_threadpool(application)
    set_up_logs(started.settings.log)
    end_telemetry = await run_in_threadpool(start_telemetry, VERSION)
    config.set_option("server.maxUploadSize", started.settings.upload_megabytes)
    started.workrooms.look_around()
    spare_what_stays()
    getting_ready = asyncio.create_task(run_in_threadpool(get_ready))
    yield
    await getting_ready
    await run_in_threadpool(close_application)
    await run_in_threadpool(end_telemetry)


sys.path.append(str(HERE / "pages"))  # for good: docs/decisions/0041-the-pages-folder-stays-in-the-path.md
keep_callbacks_whole()
keep_particulars()
note_media()
app = st.App(
    HERE / "pages" / "main.py",
    secrets=sign_in_secrets(),
    lifespan=lifespan,
    routes=[
        Route("/events/{conversation}", events),
        Route("/pictures/{image}", images),
        Route("/parts/{name}", parts),
        Route("/marks", marks),
        Route("/healthz", health),
        Route("/metrics", metrics),
    ],
    middleware=[
        Middleware(StartFailure),
        Middleware(SecurityHeaders, page=PAGE),
        Middleware(Gate),
        Middleware(Uploads, held=held_bytes),
        Middleware(Media),
        Middleware(FirstPage, page=PAGE),
    ],
    on_script_error=say_script_error,
)
