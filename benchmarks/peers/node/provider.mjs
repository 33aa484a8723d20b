// The provider that is measured: the grants of awx-oauth, opaque tokens, refresh tokens that rotate, PKCE.
import { scrypt, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import Provider, { errors } from "oidc-provider";

import { PostgresAdapter, account } from "./adapter.mjs";

export const CLIENT = "bench";
export const SECRET = process.env.CLIENT_SECRET;
export const REDIRECT_URI = "https://client.example/callback";
export const SCOPE = "read write";

const derive = promisify(scrypt);

// OWASP's minimum for scrypt. Argon2id, which awx-oauth uses, is not in this version of node
export function hash(password, salt) {
  return derive(password, salt, 32, { N: 2 ** 17, r: 8, p: 1, maxmem: 2 ** 28 });
}

async function passwordIsRight(username, password) {
  const known = await account(username);
  return known !== undefined && timingSafeEqual(await hash(password, known.salt), Buffer.from(known.hash, "hex"));
}

async function passwordGrant(ctx) {
  const { client, params, provider } = ctx.oidc;
  if (!(await passwordIsRight(params.username, params.password))) {
    throw new errors.InvalidGrant("invalid credentials given");
  }
  const accountId = params.username;
  const grant = new provider.Grant({ clientId: client.clientId, accountId });
  grant.addOIDCScope(SCOPE);
  const issued = { accountId, client, grantId: await grant.save(), gty: "password", scope: SCOPE };
  const token = new provider.AccessToken(issued);
  ctx.body = {
    access_token: await token.save(),
    expires_in: token.expiration,
    token_type: token.tokenType,
    refresh_token: await new provider.RefreshToken(issued).save(),
    scope: SCOPE,
  };
}

// A protected resource: who the bearer is
async function me(ctx, next) {
  if (ctx.path !== "/me") return next();
  const token = await ctx.provider.AccessToken.find(ctx.get("Authorization").slice("Bearer ".length));
  if (token === undefined || !token.isValid) ctx.throw(401);
  ctx.body = { username: token.accountId, scope: token.scope };
}

export function makeProvider(issuer) {
  const provider = new Provider(issuer, {
    adapter: PostgresAdapter,
    // In the configuration, as its documentation has them: no row is read for the client
    clients: [{
      client_id: CLIENT,
      client_secret: SECRET,
      redirect_uris: [REDIRECT_URI],
      response_types: ["code"],
      grant_types: ["authorization_code", "client_credentials", "password", "refresh_token"],
      scope: SCOPE,
    }],
    cookies: { keys: ["benchmark"] },
    expiresWithSession: () => false,
    extraParams: [],
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      introspection: { enabled: true },
      revocation: { enabled: true },
    },
    findAccount: (_ctx, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
    issueRefreshToken: (_ctx, client) => client.grantTypeAllowed("refresh_token"),
    pkce: { required: () => true },
    rotateRefreshToken: true,
    scopes: ["read", "write"],
    ttl: { AccessToken: 36000, ClientCredentials: 36000, AuthorizationCode: 60, Grant: 2628000, RefreshToken: 2628000 },
  });
  provider.registerGrantType("password", passwordGrant, ["username", "password", "scope"]);
  provider.use((ctx, next) => {
    ctx.provider = provider;
    return me(ctx, next);
  });
  return provider;
}
