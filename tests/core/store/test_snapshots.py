"""Snapshots: one row per change, and no row without one."""

from core.store.snapshots import Snapshots

ROWS = [("PORT", "7860", "Port to listen on."), ("API_KEYS", "••••", "Keys.")]


def kept(store):
    return store.rows("SELECT count(*) FROM snapshots")[0][0]


def test_only_a_change_is_kept(store):
    snapshots = Snapshots(store)
    assert snapshots.latest() is None
    first = snapshots.save(ROWS, {"gradio": "6"})
    assert snapshots.save(ROWS, {"gradio": "6"}) == first
    assert kept(store) == 1
    second = snapshots.save([ROWS[0]], {"gradio": "6"})
    assert snapshots.latest() == second
    third = snapshots.save([ROWS[0]], {"gradio": "7"})
    assert kept(store) == 3
    assert third.settings == (ROWS[0],)
    assert third.versions == {"gradio": "7"}


def test_going_back_to_earlier_settings_is_a_change(store):
    snapshots = Snapshots(store)
    first = snapshots.save(ROWS, {})
    snapshots.save([], {})
    back = snapshots.save(ROWS, {})
    assert kept(store) == 3
    assert back.settings == first.settings
    assert back.created > first.created


def test_odd_values_do_not_make_a_change_of_their_own(store):
    snapshots = Snapshots(store)
    odd = [("DATA_DIR", "a\ud800\x00b", "Folder.")]
    snapshots.save(odd, {})
    snapshots.save(odd, {})
    assert kept(store) == 1
