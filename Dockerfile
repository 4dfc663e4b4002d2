# One image, two processes: web (the default command) and `python -m app.worker`. See compose.yaml.
FROM python:3.12-slim
WORKDIR /srv/gonghui
COPY requirements.txt .
RUN python -m pip install --no-cache-dir --require-hashes --only-binary :all: -r requirements.txt
COPY . .
RUN useradd --system gonghui && install --directory --owner gonghui --mode 0700 /var/lib/gonghui
USER gonghui
ENV GONGHUI_ENV=production HOST=0.0.0.0 INSTANCE_DIR=/var/lib/gonghui PYTHONUNBUFFERED=1
VOLUME /var/lib/gonghui
EXPOSE 8000
HEALTHCHECK --start-period=30s CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/healthz')"]
CMD ["python", "-m", "gunicorn", "-c", "python:app.gunicorn", "wsgi:app"]
