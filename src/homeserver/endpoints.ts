/**
 * Every address of a homeserver that this folder uses, and where the kinds of server are known to differ (Synapse 1.163;
 * Conduit and its descendants Tuwunel and Continuwuity, by their source). Common to them all: a body is sent with every POST
 * and PUT, at least `{}`, since Conduit refuses one that is missing (M_NOT_JSON) where Synapse lets it pass; what went
 * wrong is told by `errcode`, since the texts differ.
 */
export const endpoints = {
  /** Answers without an account. Anything else than JSON with `versions` is no homeserver. */
  versions: { method: "GET", path: "/_matrix/client/versions" },

  /** Conduit answers with one flow of one stage; Synapse with several. */
  loginFlows: { method: "GET", path: "/_matrix/client/v3/login" },

  /** Synapse allows a few logins a minute by default and answers 429 beyond; Conduit has mild limits in newer versions (`rate_limiting`). */
  login: { method: "POST", path: "/_matrix/client/v3/login" },
  logout: { method: "POST", path: "/_matrix/client/v3/logout" },

  /**
   * User-interactive. Closed registration is 403 M_FORBIDDEN; Synapse behind an authentication service has no such address
   * (404 M_UNRECOGNIZED). A wrong token: Synapse 401 M_UNAUTHORIZED, Conduit 401 M_FORBIDDEN, both with the flows again.
   * Conduit keeps the first request with the session, and wants all later ones to name it. A descendant of Conduit that
   * asks for no token still wants `m.login.dummy`. The first account of a Conduit is made its administrator.
   */
  register: { method: "POST", path: "/_matrix/client/v3/register" },

  /** Tells whether a registration token is right. Synapse and Tuwunel; Conduit answers 404. */
  tokenValidity: {
    method: "GET",
    path: "/_matrix/client/v1/register/m.login.registration_token/validity?token={token}",
  },

  /** Synapse, and Tuwunel with a shared secret set; 404 elsewhere. The nonce holds for a minute and for one attempt. */
  sharedSecretNonce: { method: "GET", path: "/_synapse/admin/v1/register" },
  sharedSecretRegister: { method: "POST", path: "/_synapse/admin/v1/register" },

  /** Conduit puts a lightning bolt behind a new account's name: so the name is set after each registration. */
  displayName: { method: "PUT", path: "/_matrix/client/v3/profile/{userId}/displayname" },

  joinedRooms: { method: "GET", path: "/_matrix/client/v3/joined_rooms" },

  /** One that is not in the room (any more) is 403 M_FORBIDDEN. */
  leave: { method: "POST", path: "/_matrix/client/v3/rooms/{roomId}/leave" },

  /** No `device_id` where the token belongs to an application service. */
  whoAmI: { method: "GET", path: "/_matrix/client/v3/account/whoami" },

  /** User-interactive, by the account's password. Conduit leaves all its rooms before it answers, which can take long. */
  deactivate: { method: "POST", path: "/_matrix/client/v3/account/deactivate" },
} as const;

export interface Endpoint {
  method: "GET" | "POST" | "PUT";
  /** `{userId}` stands for the account's id, `{roomId}` for a room's, `{token}` for a registration token. */
  path: string;
}
