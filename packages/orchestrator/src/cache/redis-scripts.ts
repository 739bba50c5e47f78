/**
 * takeToken of token-bucket.ts inside Redis, by its clock (microseconds, so a microsecond gains `refill`
 * microtokens). KEYS[1] is the bucket; ARGV: capacity, refill per second. Gives {allowed, microtokens left}.
 */
export const TAKE = `
local capacity, refill = tonumber(ARGV[1]) * 1000000, tonumber(ARGV[2])
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
local kept = redis.call('HMGET', KEYS[1], 'microtokens', 'at')
local held, at = tonumber(kept[1] or capacity), tonumber(kept[2] or now)
if now < at then now = at end
held = math.min(capacity, held + (now - at) * refill)
local allowed = 0
if held >= 1000000 then
  allowed = 1
  held = held - 1000000
end
redis.call('HSET', KEYS[1], 'microtokens', string.format('%.0f', held), 'at', string.format('%.0f', now))
redis.call('PEXPIRE', KEYS[1], math.ceil((capacity - held) / refill / 1000) + 1)
return {allowed, string.format('%.0f', held)}
`;

/** KEYS[1] is the counter; ARGV: what to add, its time to live in milliseconds. Gives the new value. */
export const INCREMENT = `
local value = redis.call('INCRBY', KEYS[1], ARGV[1])
if redis.call('PTTL', KEYS[1]) < 0 then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return value
`;
