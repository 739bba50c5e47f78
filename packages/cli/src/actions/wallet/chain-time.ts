export { chainSeconds } from '@rios/sdk/chain/chain-seconds';
