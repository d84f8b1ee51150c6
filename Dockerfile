# One image by the rules of a Hugging Face Space: port 7860, user 1000, nothing written by root
# at run time. Build: docker build -t plumbline .   Run: docker run -p 7860:7860 plumbline
FROM python:3.11-slim-bookworm

RUN useradd --create-home --uid 1000 user
USER user
WORKDIR /home/user/app

# Where pip finds the CPU build of torch; blank (--build-arg) takes the package index's own build.
ARG PIP_EXTRA_INDEX_URL=https://download.pytorch.org/whl/cpu
ENV PATH=/home/user/.local/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1

COPY --chown=user requirements.txt ./
RUN pip install --user --no-cache-dir -r requirements.txt

COPY --chown=user LICENSE README.md CHANGELOG.md app.py ./
COPY --chown=user assets ./assets
COPY --chown=user docs ./docs
COPY --chown=user core ./core
COPY --chown=user ingest ./ingest
COPY --chown=user eval ./eval
COPY --chown=user pages ./pages

# The word index of the default code, so that the first start opens it instead of building it.
RUN sh -c 'DATA_DIR=$HOME/data exec python -m ingest --no-embed'

ENV HOST=0.0.0.0 \
    PORT=7860 \
    PUBLIC=1 \
    ALLOW_OPEN=1
EXPOSE 7860

HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen(f\"http://127.0.0.1:{os.environ['PORT']}/healthz\", timeout=4)"]

# A Space with persistent storage mounts /data; without it, records live in the user's home.
# An empty /data begins with the index that was built into the image.
CMD ["sh", "-c", "if [ -z \"$DATA_DIR\" ]; then if [ -w /data ]; then DATA_DIR=/data; [ -e /data/plumbline.duckdb ] || cp -R $HOME/data/. /data; else DATA_DIR=$HOME/data; fi; export DATA_DIR; fi; exec python app.py"]
