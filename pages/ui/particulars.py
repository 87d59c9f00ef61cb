"""What a page need not know of its server, and asks for nowhere: where it lies, what it is made of, and what else is in its folder.

Streamlit tells every connection, before anybody has signed in, and offers no way to keep it back.
"""

from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.NewSession_pb2 import NewSession
from streamlit.runtime.app_session import AppSession

ASKED = {"rerun_script", "stop_script", "app_heartbeat", "file_urls_request", "backend_operation_request"}
"""What our pages ask of the server. Streamlit knows more: to tell of a Git repository around it and the files in that, for one."""
OPERATIONS = {"deferred_file", "dataframe_chunk"}
"""Of the last of these. Streamlit would put files into the program's folder too."""


def keep_particulars() -> None:
    """Blank them in the message that begins each run of a page's script, and hear nothing that asks for more.

    A page does nothing with them but send them to Streamlit's makers, which is off, show the version in a menu, and reload when it changes.
    """
    make, handle = AppSession._create_new_session_message, AppSession.handle_backmsg  # noqa: SLF001

    def make_discreet(*args: Any, **kwargs: Any) -> ForwardMsg:
        message = make(*args, **kwargs)
        _blank(message.new_session)
        return message

    def handle_asked(self: AppSession, msg: BackMsg) -> None:
        if is_asked(msg):
            handle(self, msg)

    AppSession._create_new_session_message = make_discreet  # type: ignore[method-assign]  # noqa: SLF001
    AppSession.handle_backmsg = handle_asked  # type: ignore[method-assign]


def is_asked(message: BackMsg) -> bool:
    kind = message.WhichOneof("type")
    operation = message.backend_operation_request.WhichOneof("payload")
    return kind in ASKED and (kind != "backend_operation_request" or operation in OPERATIONS)


def _blank(told: NewSession) -> None:
    told.main_script_path = ""
    told.initialize.environment_info.Clear()
    told.initialize.user_info.Clear()
    told.initialize.environment_info.SetInParent()  # a page wants both to be there
    told.initialize.user_info.SetInParent()
