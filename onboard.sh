#!/usr/bin/env bash
# The questions that set Memtrix up, asked in its container; then it is started. Run it again to change something.
# Takes the same options as `npx memtrix onboard`.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

directly() {
  printf '%s\n' "$1, so this runs without it: with Node, on this machine." >&2
  exec npm run --silent onboard -- ${arguments[@]+"${arguments[@]}"}
}

arguments=("$@")
command -v docker >/dev/null 2>&1 || directly "Docker is not installed"
docker compose version >/dev/null 2>&1 || directly "Docker's Compose plugin is not installed"
docker info >/dev/null 2>&1 || directly "Docker does not run, or may not be used by this user"
if ! [ -f .env ] || [ -z "$(docker compose images --quiet memtrix 2>/dev/null || true)$(docker image ls --quiet memtrix:local)" ]; then
  printf '%s\n' "Run ./setup.sh first: it makes the secrets and the image. (Without Docker: npm start)" >&2
  exit 1
fi

# What an option names outside, the container needs inside: a variable, or a file.
options=(--rm)
inside=/run/answers.json
hand_in() {
  [ -f "$1" ] || { printf '%s\n' "There is no file $1." >&2 && exit 2; }
  options+=(--volume "$(cd "$(dirname "$1")" && pwd)/$(basename "$1"):$inside:ro")
}
[ -t 0 ] && [ -t 1 ] || options+=(--no-TTY)
for ((index = 0; index < ${#arguments[@]}; index++)); do
  value=${arguments[index + 1]:-}
  case "${arguments[index]}" in
    --help | -h)
      exec docker compose run "${options[@]}" memtrix onboard --help
      ;;
    --answers)
      [ "$value" = - ] || { hand_in "$value" && arguments[index + 1]=$inside; }
      ;;
    --answers=*)
      hand_in "${arguments[index]#--answers=}"
      arguments[index]=--answers=$inside
      ;;
    --*-env=*) options+=(--env "${arguments[index]#*=}") ;;
    --*-env) options+=(--env "$value") ;;
  esac
done

# Two programs over the same data would hinder each other.
running=$(docker compose ps --quiet --status running memtrix)
[ -z "$running" ] || docker compose stop memtrix
code=0
docker compose run "${options[@]}" memtrix onboard ${arguments[@]+"${arguments[@]}"} || code=$?
if [ "$code" -eq 0 ] || [ -n "$running" ]; then docker compose up --detach; fi
exit "$code"
