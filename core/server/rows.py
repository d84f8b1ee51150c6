"""What is stored, as it is sent: chats, messages, jobs.

It knows which fields leave the house. Owners and file paths never do.
"""

from typing import Any

from core.records import Chat, ChatMessage, Feedback, Job
from core.server.paths import without_paths


def chat_row(chat: Chat) -> dict[str, Any]:
    """Return a chat as it is sent."""
    return {
        "id": chat.id,
        "title": chat.title,
        "created": chat.created.isoformat(),
        "updated": chat.updated.isoformat(),
    }


def message_row(message: ChatMessage) -> dict[str, Any]:
    """Return a stored message as it is sent."""
    return {
        "id": message.id,
        "chat_id": message.chat_id,
        "position": message.position,
        "role": message.role,
        "content": message.content,
        "created": message.created.isoformat(),
        "details": message.details,
    }


def feedback_row(feedback: Feedback) -> dict[str, Any]:
    """Return what was thought of an answer as it is sent."""
    return {
        "id": feedback.id,
        "message_id": feedback.message_id,
        "kind": feedback.kind,
        "comment": feedback.comment,
        "created": feedback.created.isoformat(),
    }


def job_row(job: Job) -> dict[str, Any]:
    """Return a job as it is sent."""
    return {
        "id": job.id,
        "kind": job.kind,
        "state": job.state,
        "progress": job.progress,
        "status": without_paths(job.status),
        "error": without_paths(job.error) if job.error else None,
        "created": job.created.isoformat(),
        "started": job.started.isoformat() if job.started else None,
        "ended": job.ended.isoformat() if job.ended else None,
    }
