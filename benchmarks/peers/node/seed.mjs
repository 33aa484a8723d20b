// Makes the tables and what the steps consume, through the provider's own models. Reads what is wanted as JSON in its
// first argument, prints what it made as JSON.
import { migrate, pool } from "./adapter.mjs";
import { CLIENT, REDIRECT_URI, SCOPE, SECRET, hash, makeProvider } from "./provider.mjs";

const wanted = JSON.parse(process.argv[2]);
const provider = makeProvider("http://127.0.0.1");
const BATCH = 100;

async function issue(...models) {
  const source = { accountId: wanted.username, clientId: CLIENT };
  const grant = new provider.Grant(source);
  grant.addOIDCScope(SCOPE);
  const common = { ...source, grantId: await grant.save(), gty: "authorization_code", scope: SCOPE };
  return Promise.all(models.map((model) => new provider[model](common).save()));
}

function code() {
  const source = { accountId: wanted.username, clientId: CLIENT };
  const grant = new provider.Grant(source);
  grant.addOIDCScope(SCOPE);
  return grant.save().then((grantId) => new provider.AuthorizationCode({
    ...source, grantId, redirectUri: REDIRECT_URI, scope: SCOPE, expiresIn: 36000,
    codeChallenge: wanted.code_challenge, codeChallengeMethod: "S256",
  }).save());
}

async function times(number, make) {
  const made = [];
  while (made.length < number) {
    const batch = Math.min(BATCH, number - made.length);
    made.push(...await Promise.all(Array.from({ length: batch }, make)));
  }
  return made;
}

await migrate();
await pool.query("INSERT INTO account VALUES ($1, 'salt', $2)",
  [wanted.username, (await hash(wanted.password, "salt")).toString("hex")]);
const client = [CLIENT, SECRET];
console.log(JSON.stringify({
  clients: { client_credentials: client, password: client, code: client },
  access_tokens: await times(wanted.access_tokens, () => issue("AccessToken").then(([token]) => token)),
  refresh_tokens: await times(wanted.refresh_tokens, () => issue("RefreshToken", "AccessToken").then(([token]) => token)),
  revocable_tokens: await times(wanted.revocable_tokens, () => issue("RefreshToken", "AccessToken").then(([token]) => token)),
  codes: await times(wanted.codes, code),
  redirect_uri: REDIRECT_URI,
}));
await pool.end();
