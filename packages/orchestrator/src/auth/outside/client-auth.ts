import type { ClientAuth } from 'openid-client';

type Library = typeof import('openid-client');

/** By the method that the provider says it takes; what its metadata leaves out is `client_secret_basic` (RFC 8414). */
export function clientAuthOf(library: Library, secret: string | undefined): ClientAuth {
  if (secret === undefined) return library.None();
  const post = library.ClientSecretPost(secret);
  const basic = library.ClientSecretBasic(secret);
  return (server, client, body, headers) => {
    const methods = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
    const auth =
      methods.includes('client_secret_basic') || !methods.includes('client_secret_post') ? basic : post;
    return auth(server, client, body, headers);
  };
}
