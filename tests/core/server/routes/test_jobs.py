"""/v1/jobs and the internal routes of the command line."""

import httpx

from tests import parts

TOKEN = {"X-Plumbline-Token": parts.TOKEN}


def submitted(live: parts.Live, owner: str) -> str:
    return live.services.jobs.submit("sleep", "tests.parts:nothing", {}, owner).id


def owner_of(live: parts.Live, client: httpx.Client) -> str:
    client.get("/v1/chats")
    return client.cookies["plumbline_owner"].rpartition(".")[0]


def test_a_visitor_sees_and_cancels_own_jobs_alone(live: parts.Live, client: httpx.Client):
    mine = submitted(live, owner_of(live, client))
    other = submitted(live, "somebody-else")
    assert [job["id"] for job in client.get("/v1/jobs").json()["jobs"]] == [mine]
    assert client.post(f"/v1/jobs/{mine}/cancel").json()["state"] == "cancelled"
    assert client.post(f"/v1/jobs/{other}/cancel").status_code == 404
    assert client.post("/v1/jobs/none/cancel").status_code == 404
    assert live.services.jobs.get(other).state == "queued"
    live.services.jobs.cancel(other)


def test_the_command_line_sees_every_job_with_the_token_alone(
    live: parts.Live, client: httpx.Client
):
    job = submitted(live, "somebody-else")
    path = f"/v1/internal/jobs/{job}/cancel"
    for headers in ({}, {"X-Plumbline-Token": ""}, {"X-Plumbline-Token": "wrong"}):
        assert client.get("/v1/internal/jobs", headers=headers).status_code == 401
        assert client.post(path, headers=headers).status_code == 401
    listed = client.get("/v1/internal/jobs", headers=TOKEN).json()["jobs"]
    assert job in [row["id"] for row in listed]
    assert client.post(path, headers=TOKEN).json()["state"] == "cancelled"
    assert client.get("/v1/internal/status", headers=TOKEN).json()["status"] == "ok"
