FROM python:3.11-slim AS packages
COPY requirements.txt /
RUN python -m venv /venv && /venv/bin/python -m pip install --no-cache-dir --disable-pip-version-check -r /requirements.txt

FROM python:3.11-slim
RUN useradd --uid 10001 --create-home roundtable && install -d -o roundtable -m 700 /data
COPY --from=packages /venv /venv
WORKDIR /app
COPY app.py ./
COPY .streamlit .streamlit
COPY pages pages
COPY agents agents
COPY state state
USER roundtable
ENV ROUNDTABLE_DATA_DIR=/data PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
VOLUME /data
EXPOSE 8501
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s CMD ["/venv/bin/python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8501/healthz', timeout=4)"]
CMD ["/venv/bin/uvicorn", "app:app", "--host", "0.0.0.0", "--port", "8501", "--no-server-header"]
