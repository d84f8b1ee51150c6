"""Which model folder a stress run uses: the one it names, or the one the settings choose.

It loads nothing; a server's model is no matter of it.
"""

from pathlib import Path

from core.errors import ModelMissing
from core.models.catalog import BUNDLED, bundled_folder
from core.settings import Settings


def find(model: str, settings: Settings) -> tuple[Path, bool]:
    """Return the folder of the model that is asked for, and whether it is the bundled one."""
    if model and model != "bundled":
        return Path(model).expanduser(), False
    if not model and settings.model in ("auto", "local") and settings.hub_model:
        from core.models import download

        folder = download.find(settings.hub_model, settings.data_dir / "models")
        if folder is None:
            raise ModelMissing(f"{settings.hub_model} is not on this disk.", "Name a folder.")
        return folder, False
    folder = bundled_folder(BUNDLED)
    if folder is None:
        raise ModelMissing("This copy of Plumbline has no bundled model.", "Name a model folder.")
    return folder, True
