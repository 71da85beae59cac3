# Memtrix in a container: Node, git, the packages that the program needs, and the program. Nothing that fetches or installs
# is left in it. `docker compose` (docker-compose.yml) runs it with as few rights as it needs; setup.sh builds it.

FROM node:24-trixie-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# What is taken out again: Node itself, which the image has; the runtimes of other systems and of browsers (330 MB); what
# only compilers and debuggers read.
RUN npm ci --omit=dev --no-audit --no-fund --loglevel=error \
 && cd node_modules \
 && rm -rf node-linux-* node-darwin-* onnxruntime-web .package-lock.json .bin /root/.npm \
 && find onnxruntime-node/bin/napi-v* -mindepth 1 -maxdepth 1 ! -name linux -exec rm -r {} + \
 && find onnxruntime-node/bin/napi-v*/linux -mindepth 1 -maxdepth 1 ! -name "$(node -p process.arch)" -exec rm -r {} + \
 && find . \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' \) -type f -delete

FROM node:24-trixie-slim AS program
WORKDIR /app
# .dockerignore lets nothing else in.
COPY . .
# Readable for every user, whatever the umask was where it was checked out; the folders are where the state is mounted.
RUN rm package-lock.json .npmrc && chmod -R u=rwX,go=rX . && mkdir -p workspace agents data && touch .env

FROM node:24-trixie-slim AS system
RUN apt-get update -qq \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends ca-certificates git \
 && usermod --login memtrix --home /home/memtrix --move-home --shell /usr/sbin/nologin node \
 && groupmod --new-name memtrix node \
 && ln -s /app/src/launch.js /usr/local/bin/memtrix \
 && find / -xdev -perm /6000 -type f -exec chmod ug-s {} +
# Package managers, Perl (git needs it for what we do not use), and whatever else could fetch something.
RUN rm -rf /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/yarn* /usr/local/bin/corepack /usr/local/lib/node_modules \
      /usr/local/include /opt/yarn* /usr/bin/apt* /usr/bin/dpkg* /usr/lib/apt /usr/lib/dpkg /etc/apt /var/lib/apt /var/cache/* \
      /usr/bin/*perl* /usr/lib/*-linux-gnu/perl* /usr/lib/*-linux-gnu/libperl* /usr/share/perl* /usr/bin/openssl \
      /usr/bin/curl /usr/bin/wget /usr/share/doc /usr/share/man /usr/share/info /usr/share/locale /usr/share/git-core \
      /usr/lib/git-core/git-imap-send /usr/lib/git-core/git-daemon /usr/lib/git-core/git-http-backend /var/log/* /tmp/* /root/.[!.]*

# From nothing, so that what was taken out is in no layer.
FROM scratch
ENV PATH=/usr/local/bin:/usr/bin:/bin NODE_ENV=production HOME=/tmp MEMTRIX_IN_CONTAINER=1
WORKDIR /app
USER memtrix
# What the running program wrote about itself, see src/cli/health.ts.
HEALTHCHECK --interval=30s --timeout=10s --start-period=120s --retries=3 CMD ["memtrix", "health"]
ENTRYPOINT ["memtrix"]
CMD ["start"]
COPY --from=system / /
COPY --from=packages /app/node_modules /app/node_modules
COPY --from=program /app /app
