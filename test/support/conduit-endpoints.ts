import { type Endpoint, endpoints } from "../../src/homeserver/endpoints.ts";

/**
 * What the Matrix SDK and we ask a homeserver for beside `src/homeserver/endpoints.ts`, as it was seen on the wire, and what
 * Conduit does otherwise than Synapse, by its documentation and its source (0.10). `absent`: Conduit answers 404
 * M_UNRECOGNIZED, and the agent has to do without.
 */
export interface KnownEndpoint {
  method: Endpoint["method"] | "DELETE";
  /** `{name}` stands for one part of the path; `{rest}` for all that is left. */
  path: string;
  conduit?: string;
  absent?: true;
}

const client = "/_matrix/client/v3";

export const conduitEndpoints: readonly KnownEndpoint[] = [
  ...Object.values(endpoints).filter(({ path }) => !path.startsWith("/_synapse")),
  { method: "GET", path: "/_synapse/admin/v1/register", absent: true },
  { method: "POST", path: "/_synapse/admin/v1/register", absent: true },

  // What a device is told.
  {
    ...{ method: "GET", path: `${client}/sync` },
    conduit: "gives at most 10 events of a room whatever the filter says; tells of no fallback keys",
  },
  { method: "POST", path: `${client}/user/{userId}/filter`, conduit: "keeps the filter, and heeds little of it" },
  { method: "GET", path: `${client}/user/{userId}/filter/{filterId}` },
  { method: "GET", path: `${client}/rooms/{roomId}/messages` },
  { method: "GET", path: `${client}/rooms/{roomId}/event/{eventId}` },
  { method: "GET", path: `${client}/rooms/{roomId}/context/{eventId}` },
  { method: "GET", path: `${client}/rooms/{roomId}/members` },
  { method: "GET", path: `${client}/rooms/{roomId}/joined_members` },
  { method: "GET", path: `${client}/rooms/{roomId}/state` },
  { method: "GET", path: `${client}/rooms/{roomId}/state/{rest}` },
  { method: "GET", path: "/_matrix/client/v1/rooms/{roomId}/relations/{rest}" },
  { method: "GET", path: "/_matrix/client/v1/rooms/{roomId}/hierarchy" },
  {
    ...{ method: "GET", path: "/_matrix/client/v1/room_summary/{roomId}", absent: true },
    conduit: "so the size of a room is not known before it is joined",
  },
  { method: "GET", path: "/_matrix/client/unstable/org.matrix.msc4143/rtc/transports", absent: true },
  { method: "GET", path: `${client}/capabilities` },
  { method: "GET", path: `${client}/pushrules/` },
  { method: "GET", path: `${client}/voip/turnServer` },

  // Keys.
  {
    ...{ method: "POST", path: `${client}/keys/upload` },
    conduit: "leaves fallback keys aside: who has no one-time key left cannot be written to until it is there again",
  },
  { method: "POST", path: `${client}/keys/query` },
  { method: "POST", path: `${client}/keys/claim` },
  { method: "GET", path: `${client}/keys/changes` },
  {
    ...{ method: "POST", path: `${client}/keys/device_signing/upload` },
    conduit: "the first keys need no password; other ones after them do",
  },
  { method: "POST", path: `${client}/keys/signatures/upload` },
  { method: "PUT", path: `${client}/sendToDevice/{type}/{transactionId}` },
  { method: "GET", path: `${client}/room_keys/{rest}` },
  { method: "POST", path: `${client}/room_keys/{rest}` },
  { method: "PUT", path: `${client}/room_keys/{rest}` },
  { method: "DELETE", path: `${client}/room_keys/{rest}` },
  { method: "GET", path: `${client}/devices` },
  { method: "PUT", path: `${client}/devices/{deviceId}` },

  // Rooms, and what is said in them.
  { method: "POST", path: `${client}/createRoom` },
  { method: "POST", path: `${client}/join/{roomId}`, conduit: "wants a JSON body, at least {}" },
  { method: "POST", path: `${client}/rooms/{roomId}/join`, conduit: "wants a JSON body, at least {}" },
  { method: "POST", path: `${client}/rooms/{roomId}/invite` },
  { method: "POST", path: `${client}/rooms/{roomId}/kick` },
  { method: "POST", path: `${client}/rooms/{roomId}/forget`, conduit: "wants a JSON body, at least {}" },
  { method: "PUT", path: `${client}/rooms/{roomId}/state/{rest}` },
  { method: "PUT", path: `${client}/rooms/{roomId}/send/{type}/{transactionId}` },
  { method: "PUT", path: `${client}/rooms/{roomId}/redact/{eventId}/{transactionId}` },
  { method: "PUT", path: `${client}/rooms/{roomId}/typing/{userId}` },
  { method: "POST", path: `${client}/rooms/{roomId}/receipt/{type}/{eventId}` },
  { method: "POST", path: `${client}/rooms/{roomId}/read_markers` },
  { method: "GET", path: `${client}/user/{userId}/account_data/{type}` },
  { method: "PUT", path: `${client}/user/{userId}/account_data/{type}` },
  { method: "PUT", path: `${client}/user/{userId}/rooms/{roomId}/account_data/{type}` },

  // People, and files.
  { method: "GET", path: `${client}/profile/{userId}` },
  { method: "GET", path: `${client}/profile/{userId}/{field}` },
  { method: "PUT", path: `${client}/profile/{userId}/avatar_url` },
  { method: "POST", path: "/_matrix/media/v3/upload", conduit: "refuses what is over max_request_size with 413" },
  { method: "GET", path: "/_matrix/media/v3/config" },
  { method: "GET", path: "/_matrix/client/v1/media/config" },
  { method: "GET", path: "/_matrix/client/v1/media/download/{rest}" },
  { method: "GET", path: "/_matrix/client/v1/media/thumbnail/{rest}" },
];
