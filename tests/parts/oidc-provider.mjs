// A real OpenID provider for the tests: `node oidc-provider.mjs PORT`.
// It prints `listening` once it answers on http://127.0.0.1:PORT, its issuer.
//
// Machines: clients `svc-ALG`, one for each algorithm below, take JWT access
// tokens (`typ: at+jwt`) signed with ALG by client_credentials; a client
// `svc-ALG-short` takes the same with a life of one second. The form field
// `resource` chooses the audience, `urn:api` unless told; `scope` asks for
// `api`, `models:read` or `models:write`, none unless told; `groups` (separated
// by spaces) chooses the groups claim, `machines` unless told. That last one is
// a liberty of tests: no provider lets a client choose its groups.
//
// People: alice, by the client `web` (public, authorization code with PKCE,
// any loopback port, path /cb); the login page takes any password.
//
// Signing in at a Gatelodge: LODGE_URL says where it is. Its clients there are
// `lodge-basic` and `lodge-post` (confidential), `lodge-public`, and `lodge-api`
// (public, with access tokens that are JWTs); each comes back to
// LODGE_URL/auth/corp/callback (or oauth in place of corp), needs no consent, and may refresh. All but
// `lodge-post` are told by `sid` which session ended, that one by `sub` alone.
// Whoever is called `mallory` is never let in.
//
// Keys: KEYS_FILE names a JWKS file with private keys. If it is there, its keys
// are used; if it is not, new keys are written to it. So a restart keeps the
// keys, and a restart without the file is a rotation.
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose';
import { Provider } from 'oidc-provider';

const algorithms = [
  'RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA',
];
const clientSecret = 'test-only-secret-of-every-machine-client';
const tokenLifeSeconds = 300;
const apiScope = 'api models:read models:write';

const port = Number(process.argv[2]);
if (!Number.isInteger(port) || port < 1 || port > 65535) {
  console.error('usage: node oidc-provider.mjs PORT');
  process.exit(2);
}
const issuer = `http://127.0.0.1:${port}`;

async function newKey(alg) {
  const { privateKey } = await generateKeyPair(alg, { extractable: true });
  const jwk = await exportJWK(privateKey);
  const thumbprint = await calculateJwkThumbprint(jwk);
  return { ...jwk, alg, use: 'sig', kid: `${alg}-${thumbprint.slice(0, 8)}` };
}

async function signingKeys() {
  const file = process.env.KEYS_FILE;
  if (file && existsSync(file)) {
    return JSON.parse(readFileSync(file, 'utf8'));
  }
  const jwks = { keys: await Promise.all(algorithms.map(newKey)) };
  if (file) {
    // Whoever finds the file finds all of it.
    writeFileSync(`${file}.new`, JSON.stringify(jwks), { mode: 0o600 });
    renameSync(`${file}.new`, file);
  }
  return jwks;
}

const people = {
  alice: { groups: ['admins', 'dev'], email: 'alice@example.test', email_verified: true, name: 'Alice' },
};

function lodge(client_id, further) {
  const url = process.env.LODGE_URL;
  return {
    client_id,
    application_type: 'web',
    redirect_uris: ['corp', 'oauth'].map((id) => `${url}/auth/${id}/callback`),
    post_logout_redirect_uris: [`${url}/sign-in`],
    backchannel_logout_uri: `${url}/auth/corp/back-channel-logout`,
    backchannel_logout_session_required: client_id !== 'lodge-post',
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    ...further,
  };
}

function lodges() {
  if (!process.env.LODGE_URL) {
    return [];
  }
  const confidential = (method) => ({
    client_secret: clientSecret,
    token_endpoint_auth_method: method,
  });
  return [
    lodge('lodge-basic', confidential('client_secret_basic')),
    lodge('lodge-post', confidential('client_secret_post')),
    lodge('lodge-public', { token_endpoint_auth_method: 'none' }),
    lodge('lodge-api', { token_endpoint_auth_method: 'none' }),
  ];
}

const isLodge = (client) => client.clientId.startsWith('lodge-');

// Lodges are the house's own: nobody is asked for leave.
async function grantToLodges(ctx) {
  const { session, client, params } = ctx.oidc;
  const known = session.grantIdFor(client.clientId);
  if (known) {
    return ctx.oidc.provider.Grant.find(known);
  }
  if (!isLodge(client)) {
    return undefined;
  }
  const { accountId } = session;
  const grant = new ctx.oidc.provider.Grant({ clientId: client.clientId, accountId });
  grant.addOIDCScope(params.scope);
  grant.addResourceScope('urn:api', apiScope);
  await grant.save();
  return grant;
}

function machine(client_id) {
  return {
    client_id,
    client_secret: clientSecret,
    grant_types: ['client_credentials'],
    redirect_uris: [],
    response_types: [],
    scope: apiScope,
  };
}

// `svc-ALG` or `svc-ALG-short`; undefined for the client of people.
function machineOf(clientId) {
  const [kind, alg, life] = clientId.split('-');
  return kind === 'svc' ? { alg, short: life === 'short' } : undefined;
}

function resourceServer(_ctx, resource, client) {
  const machine = machineOf(client.clientId);
  return {
    scope: apiScope,
    audience: resource,
    accessTokenFormat: 'jwt',
    accessTokenTTL: machine?.short ? 1 : tokenLifeSeconds,
    jwt: { sign: { alg: machine?.alg ?? 'ES256' } },
  };
}

async function tokenClaims(ctx, token) {
  if (token.accountId) {
    const { groups, email, name } = people[token.accountId] ?? {};
    return { groups, email, name };
  }
  const groups = ctx?.oidc.body?.groups;
  return { groups: typeof groups === 'string' ? groups.split(' ').filter(Boolean) : ['machines'] };
}

const provider = new Provider(issuer, {
  jwks: await signingKeys(),
  clients: [
    {
      client_id: 'web',
      token_endpoint_auth_method: 'none',
      application_type: 'native',
      redirect_uris: ['http://127.0.0.1/cb'],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
    },
    ...lodges(),
    ...algorithms.flatMap((alg) => [machine(`svc-${alg}`), machine(`svc-${alg}-short`)]),
  ],
  scopes: ['openid', 'offline_access', 'profile', 'email', 'groups', ...apiScope.split(' ')],
  claims: {
    openid: ['sub'],
    profile: ['name'],
    email: ['email', 'email_verified'],
    groups: ['groups'],
  },
  loadExistingGrant: grantToLodges,
  issueRefreshToken: (_ctx, client, code) =>
    client.grantTypeAllowed('refresh_token') &&
    (isLodge(client) || code.scopes.has('offline_access')),
  findAccount: (_ctx, id) => id !== 'mallory' && ({ accountId: id, claims: async () => ({ sub: id, ...people[id] }) }),
  extraTokenClaims: tokenClaims,
  pkce: { required: () => true },
  features: {
    devInteractions: { enabled: true },
    backchannelLogout: { enabled: true },
    clientCredentials: { enabled: true },
    introspection: { enabled: true },
    revocation: { enabled: true },
    deviceFlow: { enabled: true },
    resourceIndicators: {
      enabled: true,
      // An access token for an API does not open userinfo.
      defaultResource: (_ctx, client) =>
        isLodge(client) && client.clientId !== 'lodge-api' ? undefined : 'urn:api',
      useGrantedResource: () => true,
      getResourceServerInfo: resourceServer,
    },
  },
  // It would not call loopback addresses otherwise, where tests live.
  fetch: (url, { dispatcher: _, ...options }) => globalThis.fetch(url, options),
  cookies: { keys: ['test-only-cookie-key'] },
  ttl: {
    // Of access tokens, the resource server above decides.
    IdToken: tokenLifeSeconds,
    Session: 3600,
    Grant: 3600,
    Interaction: 600,
  },
});
provider.on('grant.success', (ctx) => console.log(`granted ${ctx.oidc.params.grant_type}`));
provider.on('backchannel.error', (_ctx, error) => console.error(error));
provider.on('server_error', (_ctx, error) => console.error(error));
provider.listen(port, '127.0.0.1', () => console.log('listening'));
