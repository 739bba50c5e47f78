import type { DeviceEvent, OutsideEvent } from '@rios/sdk/schema/cli-results';
import type { DeviceCode } from '@rios/sdk/schema/oauth';
import type { StartedOutside } from '@rios/sdk/schema/outside';
import { cleanText } from './clean.ts';

/** Where a person has to go before a command can go on: as text, and as a line of --events. */
export interface WhereToGo {
  readonly text: string;
  readonly event: DeviceEvent | OutsideEvent;
}

/** For a login by a code. */
export function deviceWhere(code: DeviceCode): WhereToGo {
  const { user_code: userCode, verification_uri: url, verification_uri_complete: link } = code;
  const shown = cleanText(userCode);
  return {
    text: `Open ${cleanText(link)}
and check that it shows the code ${shown}; or in a terminal that is logged in:
rios auth device approve ${shown}`,
    event: { type: 'device', userCode, url, link, expiresInMs: code.expires_in * 1000 },
  };
}

/** For a login by an outside provider. */
export function outsideWhere({ authorizationUrl: url, userCode, expiresAt }: StartedOutside): WhereToGo {
  return {
    text: `Open this address in a browser and check that it shows the code ${userCode}:\n${cleanText(url)}`,
    event: { type: 'outside', userCode, url, expiresAt },
  };
}
