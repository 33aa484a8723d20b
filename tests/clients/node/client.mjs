// A client that believes nothing it can check: oauth4webapi against the service, one flow a run.
//
// Its one argument is JSON: issuer, flow, client_id, client_secret (none: a public client), method, redirect_uri and
// resource. It writes one JSON object a line: {"visit": …} and {"device": …} are for the person at the browser, and
// wait for a line that says where the browser came back, or that the person is done; {"result": …} is the last.

import { createInterface } from "node:readline";
import * as oauth from "oauth4webapi";

const given = JSON.parse(process.argv[2]);
const insecure = { [oauth.allowInsecureRequests]: true }; // plain http, on this machine only
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const client = { client_id: given.client_id };
const proofs = { client_secret_basic: oauth.ClientSecretBasic, client_secret_post: oauth.ClientSecretPost };
const proof = given.client_secret ? proofs[given.method](given.client_secret) : oauth.None();

function say(message) {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

async function person(question) {
  say(question);
  return (await lines.next()).value;
}

async function discover() {
  const issuer = new URL(given.issuer);
  const response = await oauth.discoveryRequest(issuer, { algorithm: "oauth2", ...insecure });
  return oauth.processDiscoveryResponse(issuer, response);
}

async function use(token) {
  try {
    const answer = await oauth.protectedResourceRequest(token, "GET", new URL(given.resource), undefined, null, insecure);
    return (await answer.json()).results[0].username;
  } catch (error) {
    if (!(error instanceof oauth.WWWAuthenticateChallengeError)) throw error;
    return error.cause[0].parameters.error;
  }
}

async function introspect(server, token) {
  const response = await oauth.introspectionRequest(server, client, proof, token, insecure);
  return oauth.processIntrospectionResponse(server, client, response);
}

async function revoke(server, token) {
  await oauth.processRevocationResponse(await oauth.revocationRequest(server, client, proof, token, insecure));
}

/** What `action` returns, or the registered error that the server answers with. */
async function outcome(action) {
  try {
    return await action();
  } catch (error) {
    const answers = [oauth.AuthorizationResponseError, oauth.ResponseBodyError];
    if (!answers.some((type) => error instanceof type)) throw error;
    return { refused: error.error };
  }
}

async function authorize(server, state, extra) {
  const verifier = oauth.generateRandomCodeVerifier();
  const url = new URL(server.authorization_endpoint);
  url.search = new URLSearchParams({
    response_type: "code",
    client_id: given.client_id,
    redirect_uri: given.redirect_uri,
    scope: "read",
    state,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    ...extra,
  });
  const callback = new URL(await person({ visit: url.href }));
  // Checks state, and iss because the metadata promise it (RFC 9207)
  const answer = oauth.validateAuthResponse(server, client, callback, state);
  const response = await oauth.authorizationCodeGrantRequest(
    server, client, proof, answer, given.redirect_uri, verifier, insecure,
  );
  return oauth.processAuthorizationCodeResponse(server, client, response);
}

async function refresh(server, token) {
  const response = await oauth.refreshTokenGrantRequest(server, client, proof, token, insecure);
  return oauth.processRefreshTokenResponse(server, client, response);
}

const flows = {
  async code(server) {
    const refused = await outcome(() => authorize(server, oauth.generateRandomState(), { prompt: "none" }));
    const first = await authorize(server, oauth.generateRandomState());
    const before = await use(first.access_token);
    const second = await refresh(server, first.refresh_token);
    const result = { refused, scope: second.scope, users: [before, await use(second.access_token)] };
    if (given.client_secret) result.introspected = await introspect(server, second.access_token);
    await revoke(server, second.refresh_token);
    result.revoked = await use(second.access_token);
    result.replayed = await outcome(() => refresh(server, second.refresh_token));
    return result;
  },

  async client_credentials(server) {
    const response = await oauth.clientCredentialsGrantRequest(server, client, proof, { scope: "read" }, insecure);
    const token = await oauth.processClientCredentialsResponse(server, client, response);
    const introspected = await introspect(server, token.access_token);
    await revoke(server, token.access_token);
    return { scope: token.scope, introspected, revoked: await introspect(server, token.access_token) };
  },

  async device(server) {
    const started = await oauth.processDeviceAuthorizationResponse(
      server, client, await oauth.deviceAuthorizationRequest(server, client, proof, { scope: "read" }, insecure),
    );
    const poll = async () =>
      oauth.processDeviceCodeResponse(
        server, client, await oauth.deviceCodeGrantRequest(server, client, proof, started.device_code, insecure),
      );
    const waiting = await outcome(poll);
    await person({ device: started.user_code });
    const token = await poll();
    return { waiting, user: await use(token.access_token), again: await outcome(poll) };
  },
};

say({ result: await flows[given.flow](await discover()) });
process.exit();
