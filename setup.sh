#!/usr/bin/env bash
# Makes Memtrix ready to run with Docker. Run it again whenever you like: what is there is kept. Bash 3.2 is enough.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

usage='Usage: ./setup.sh            folders, secrets, image, homeserver; then ./onboard.sh
       ./setup.sh --reset    start from zero: asks, then deletes conversations, memory, accounts and secrets'

say() { printf '%s\n' "$*"; }
fail() {
  printf '%s\n' "$*" >&2
  exit 1
}

main() {
  case "${1:-}" in
    "") ;;
    --reset)
      reset
      return
      ;;
    -h | --help)
      say "$usage"
      return
      ;;
    *)
      printf '%s\n' "$usage" >&2
      exit 2
      ;;
  esac

  check_docker
  make_folders
  make_secrets
  say "Building the image; the first time this takes some minutes."
  docker compose build memtrix
  give_to_owner
  say "Starting the homeserver and the search engine."
  docker compose up --detach conduit searxng ||
    fail "They do not start; see above. Where it says that the address is in use: something listens on 127.0.0.1:6167 already, for example the homeserver of a Memtrix that runs without Docker. End that, then run this again."
  wait_for_homeserver
  say
  say "Ready. Now run ./onboard.sh: it asks a few questions, makes the accounts, and starts your agent."
}

# What is needed, and where it comes from.
check_docker() {
  if ! command -v docker >/dev/null 2>&1; then
    case "$(uname -s)" in
      Darwin) fail "Docker is missing: install Docker Desktop (https://docs.docker.com/desktop/setup/install/mac-install/) or OrbStack, start it, then run this again. Without Docker: npm start" ;;
      *) fail "Docker is missing: install it as https://docs.docker.com/engine/install/ says (on Debian and Ubuntu also: sudo apt install docker.io docker-compose), then run this again. Without Docker: npm start" ;;
    esac
  fi
  local problem
  if ! problem=$(docker info 2>&1 >/dev/null); then
    case "$problem" in
      *"permission denied"*) fail "Docker may not be used by this user: run  sudo usermod -aG docker $(id -un)  and log in again (or run this with sudo)." ;;
      *) fail "Docker does not run: start it (Linux: sudo systemctl start docker; a Mac: open Docker Desktop), then run this again." ;;
    esac
  fi
  docker compose version >/dev/null 2>&1 ||
    fail "Docker is there, but not its Compose plugin (version 2): see https://docs.docker.com/compose/install/ (on Debian and Ubuntu: sudo apt install docker-compose-v2, or docker-compose from Debian 13 on)."
}

# Docker would make missing folders as root, so they are made before it looks.
make_folders() {
  local folder
  for folder in workspace agents data; do
    mkdir -p "$folder" || fail "The folder $folder cannot be made here: check who owns $PWD."
  done
  mkdir -p docker/private
  chmod 700 docker/private
  # Where the umask is strict, the container's user could not read what is mounted.
  chmod -R a+rX tools providers 2>/dev/null || true
}

# Who the containers run as: the owner of these files, so that they stay editable; never root.
owner_ids() {
  local uid gid
  uid=$(id -u)
  gid=$(id -g)
  if [ "$uid" -eq 0 ]; then
    uid=${SUDO_UID:-1000}
    gid=${SUDO_GID:-1000}
  fi
  [ "$uid" -ne 0 ] || { uid=1000 gid=1000; }
  say "$uid $gid"
}

make_secrets() {
  local uid gid token
  if [ ! -e .env ]; then (umask 077 && : >.env); fi
  [ -f .env ] || fail ".env is no file (Docker makes a folder of what is missing when it is mounted): remove it with  sudo rmdir .env  and run this again."
  if ! [ -r .env ] || ! [ -w .env ]; then
    fail ".env cannot be read and written by you: make it yours with  sudo chown $(id -un) .env  and run this again."
  fi
  chmod 600 .env

  read -r uid gid <<<"$(owner_ids)"
  [ -n "$(setting MEMTRIX_UID)" ] || set_line MEMTRIX_UID "$uid"
  [ -n "$(setting MEMTRIX_GID)" ] || set_line MEMTRIX_GID "$gid"

  token=$(setting MEMTRIX_SECRET_REGISTRATION_TOKEN)
  if [ -z "$token" ]; then
    token=$(random_characters)
    set_line MEMTRIX_SECRET_REGISTRATION_TOKEN "$token"
  fi
  refuse_known "$token" "MEMTRIX_SECRET_REGISTRATION_TOKEN in .env" "that line"
  write_conduit "$token"
  write_searxng
}

# Shipped defaults are secrets that everybody knows. $3: what to delete for a new one to be made.
refuse_known() {
  case "$1" in
    ultrasecretkey | changeme | change_me | change-me | secret | token | password | for_testing_only | your_* | YOUR_* | "<"*)
      fail "$2 is a value that is published somewhere, so it protects nothing: delete $3 and run this again; a new one is made." ;;
  esac
  [ "${#1}" -ge 20 ] || fail "$2 is shorter than 20 characters: delete $3 and run this again; a new one is made."
}

# Accounts by token only, nothing to and from other servers, and no version check.
write_conduit() {
  local file=docker/private/conduit.toml
  if [ -e "$file" ]; then
    if grep -qxF "registration_token = \"$1\"" "$file"; then return; fi
    # One that runs reads it only when it is started again.
    docker compose stop conduit
  fi
  cat >"$file" <<TOML
# Made by setup.sh. The token is the one in .env.
[global]
server_name = "memtrix.local"
address = "0.0.0.0"
port = 6167
database_backend = "rocksdb"
database_path = "/var/lib/matrix-conduit"
allow_registration = true
registration_token = "$1"
allow_federation = false
trusted_servers = []
allow_check_for_updates = false
enable_lightning_bolt = false
max_request_size = 52428800
log = "warn"
TOML
  # The folder is closed to others; within the container another user reads it.
  chmod 644 "$file"
}

# JSON is what Memtrix asks for; nobody else reaches it, so nobody needs to be limited.
write_searxng() {
  local file=docker/private/searxng.yml
  if [ -e "$file" ]; then
    refuse_known "$(sed -n 's/^ *secret_key: *"\{0,1\}\([^"]*\)"\{0,1\} *$/\1/p' "$file" | head -n 1)" "secret_key in $file" "that file"
    return
  fi
  cat >"$file" <<YAML
# Made by setup.sh.
use_default_settings: true
server:
  secret_key: "$(random_characters)"
  limiter: false
  image_proxy: false
search:
  formats: [html, json]
YAML
  chmod 644 "$file"
}

random_characters() {
  # More bytes than are needed: of 256 values 62 are letters and digits.
  head -c 1024 /dev/urandom | LC_ALL=C tr -dc 'A-Za-z0-9' | cut -c 1-43
}

# The value of a line of .env; nothing when there is none.
setting() {
  sed -n "s/^[[:space:]]*$1=//p" .env | tail -n 1 | sed -e "s/^'\(.*\)'\$/\1/" -e 's/^"\(.*\)"$/\1/'
}

set_line() {
  # A last line without an end would swallow ours.
  if [ -s .env ] && [ -n "$(tail -c 1 .env)" ]; then printf '\n' >>.env; fi
  printf '%s=%s\n' "$1" "$2" >>.env
}

# Folders that root or another user owns (an earlier `docker compose up` made them, or they were copied) are given to the
# one that the containers run as. Docker can do that without sudo.
give_to_owner() {
  docker compose run --rm owner ||
    fail "The folders could not be given to the user $(setting MEMTRIX_UID): run  sudo chown -R $(setting MEMTRIX_UID):$(setting MEMTRIX_GID) workspace agents data .env  and then this again."
}

wait_for_homeserver() {
  local patience=180 begun=$SECONDS
  until homeserver_answers 2>/dev/null; do
    [ $((SECONDS - begun)) -lt $patience ] ||
      fail "The homeserver has not answered on 127.0.0.1:6167 for $patience s. See what it says:  docker compose logs conduit"
    sleep 2
  done
}

homeserver_answers() (
  exec 3<>/dev/tcp/127.0.0.1/6167 || exit 1
  printf 'GET /_matrix/client/versions HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n' >&3
  grep -q '"versions"' <&3
)

reset() {
  local answer project
  say "This deletes everything of this installation: the homeserver with its accounts and rooms, all conversations and"
  say "memories (workspace, agents, data) and the secrets in .env. It cannot be undone. memtrix backup makes a copy of all but the homeserver."
  printf 'Type  delete everything  to do it: '
  read -r answer || answer=""
  [ "$answer" = "delete everything" ] || fail "Nothing was deleted."

  check_docker
  docker compose --profile element --profile chroma --profile ollama down --remove-orphans
  project=$(docker compose config | sed -n 's/^name: *//p')
  # Models that Ollama has fetched stay.
  local volume
  for volume in conduit chroma; do
    docker volume ls --quiet --filter "label=com.docker.compose.project=$project" \
      --filter "label=com.docker.compose.volume=$volume" | while read -r one; do docker volume rm "$one" >/dev/null; done
  done
  local folder
  for folder in workspace agents data; do
    [ ! -d "$folder" ] || find "$folder" -mindepth 1 -maxdepth 1 ! -name .gitkeep -exec rm -rf {} +
  done
  rm -rf .env docker/private
  say "Everything is gone. ./setup.sh begins anew."
}

main "$@"
