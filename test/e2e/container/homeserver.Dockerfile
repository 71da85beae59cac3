# Stands in for the homeserver's image where no registry can be reached: a real Synapse behind what Conduit does otherwise.
FROM node:24-trixie-slim
ARG SYNAPSE
RUN apt-get update -qq \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3 python3-venv \
 && python3 -m venv /synapse \
 && /synapse/bin/pip install --quiet --no-cache-dir "matrix-synapse==$SYNAPSE" \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/*
