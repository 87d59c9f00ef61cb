"""What a page need not know of its server: where it lies, and what it is made of.

Streamlit tells every connection, before anybody has signed in, and offers no way to keep it back.
"""

from typing import Any

from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.NewSession_pb2 import NewSession
from streamlit.runtime.app_session import AppSession


def keep_particulars() -> None:
    """Blank them in the message that begins each run of a page's script. A page does nothing with them but send them to Streamlit's
    makers, which is off, show the version in a menu, and reload when that changes."""
    make = AppSession._create_new_session_message  # noqa: SLF001

    def make_discreet(*args: Any, **kwargs: Any) -> ForwardMsg:
        message = make(*args, **kwargs)
        _blank(message.new_session)
        return message

    AppSession._create_new_session_message = make_discreet  # type: ignore[method-assign]  # noqa: SLF001


def _blank(told: NewSession) -> None:
    told.main_script_path = ""
    told.initialize.environment_info.Clear()
    told.initialize.user_info.Clear()
    told.initialize.environment_info.SetInParent()  # a page wants both to be there
    told.initialize.user_info.SetInParent()
