"""Where things lie under the data folder, every place a function."""

from pathlib import Path

from state.users import User


def lock_file(data_dir: Path) -> Path:
    return data_dir / "server.lock"


def secret_file(data_dir: Path) -> Path:
    return data_dir / "secret"


def users_folder(data_dir: Path) -> Path:
    return data_dir / "users"


def user_folder(data_dir: Path, user: User) -> Path:
    return users_folder(data_dir) / user.key


def database_file(data_dir: Path, user: User) -> Path:
    return user_folder(data_dir, user) / "conversations.sqlite"


def answers_folder(data_dir: Path, user: User) -> Path:
    return user_folder(data_dir, user) / "answers"


def workspaces_folder(data_dir: Path, user: User) -> Path:
    return user_folder(data_dir, user) / "workspaces"


def file_histories_folder(data_dir: Path, user: User) -> Path:
    return user_folder(data_dir, user) / "file_histories"


def file_history_folder(data_dir: Path, user: User, conversation: str) -> Path:
    return file_histories_folder(data_dir, user) / conversation


def workspace_folder(data_dir: Path, user: User, conversation: str) -> Path:
    return workspaces_folder(data_dir, user) / conversation


def spending_file(data_dir: Path, user: User) -> Path:
    return user_folder(data_dir, user) / "spending.json"
