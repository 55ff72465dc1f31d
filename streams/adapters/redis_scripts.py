"""The Lua that keeps a batch of the Redis view whole: all of it happens or nothing.

It must not know Python objects; every script takes texts and answers a list whose first item says how it went.

`ok` done · `owner` the view shows another application, or nothing (second item: which) · `fenced` a newer epoch owns
the partition (second: that epoch) · `lost` the store does not hold what was last written (second: what it holds)
· `moved` somebody else has fed these signals (second: the position) · `stream` the stream must be restored first.

Each script's first write is one that Redis refuses when it is out of memory or read-only; refused there, nothing has
been written.
"""

from __future__ import annotations

# Shared by the scripts below: arguments 1 to 4 are prefix, application, partition, epoch ('' = any).
_FENCE = """
local P, part = ARGV[1], ARGV[3]
local epoch = tonumber(ARGV[4])
local owner = redis.call('GET', P .. 'view:owner')
if owner ~= ARGV[2] then return {'owner', owner or ''} end
local partition = P .. 'view:partition:' .. part
local held = redis.call('HMGET', partition, 'epoch', 'next_offset', 'signals_next', 'mark')
if epoch and held[1] and tonumber(held[1]) > epoch then return {'fenced', held[1]} end
local marks = P .. 'view:marks:' .. part
local function effective(item) return string.match(item, '"effective_at"%s*:%s*"([^"]+)"') or '' end
"""

# 5 next offset ('' = more of the batch follows), 6 mark that must be held ('*' = any, '' = none), 7 seconds an erasure
# is remembered, 8 mark of this write, 9 ten texts per customer, in one MessagePack array (of strings, as Redis' reader
# knows no bytes): as arguments of their own they would take the client longer to write than Redis to store.
WRITE = (
    _FENCE
    + r"""
if ARGV[6] ~= '*' and ARGV[6] ~= (held[4] or '') then return {'lost', held[4] or ''} end
redis.call('HSET', partition, 'epoch', ARGV[4], 'mark', ARGV[8])
local sums, summary = P .. 'view:sums', P .. 'summary'
local touched = {}

local function list_of(place)
  if place == 'former' then return P .. 'lifecycle:former' end
  return P .. 'segment:' .. place
end

local function negated(number)
  if number == '0' then return '0' end
  if string.sub(number, 1, 1) == '-' then return string.sub(number, 2) end
  return '-' .. number
end

local function count(place, customers, units, micros)
  touched[place] = true
  if customers ~= 0 then redis.call('HINCRBY', summary, 'customers:' .. place, customers) end
  if units ~= '0' then redis.call('HINCRBY', sums, place .. ' units', units) end
  if micros ~= '0' then redis.call('HINCRBY', sums, place .. ' micros', micros) end
end

local function forget_until(list, instant)
  local kept = {}
  local items = redis.call('LRANGE', list, 0, -1)
  for _, item in ipairs(items) do
    if effective(item) > instant then kept[#kept + 1] = item end
  end
  if #kept == #items then return end
  redis.call('DEL', list)
  if #kept > 0 then redis.call('RPUSH', list, unpack(kept)) end
end

local function erase(id, old, erased_at)
  redis.call('DEL', P .. 'customer:' .. id, P .. 'account:' .. id, P .. 'customer-signals:' .. id)
  redis.call('ZREM', P .. 'next', id)
  if old then
    redis.call('ZREM', list_of(old.place), id)
    redis.call('HDEL', marks, id)
    count(old.place, -1, negated(old.units), negated(old.micros))
  end
  if erased_at == '' then return end
  local known = P .. 'view:erased:' .. redis.sha1hex(id)
  if redis.call('GET', known) ~= erased_at then redis.call('SADD', P .. 'view:sweep', erased_at .. ' ' .. id) end
  redis.call('SET', known, erased_at, 'EX', ARGV[7])
end

local given = cmsgpack.unpack(ARGV[9])
for i = 1, #given, 10 do
  local id, offset, public, account, place = given[i], given[i + 1], given[i + 2], given[i + 3], given[i + 4]
  local score, next_ms, units, micros, since = given[i + 5], given[i + 6], given[i + 7], given[i + 8], given[i + 9]
  local mark, old = redis.call('HGET', marks, id), nil
  if mark then
    old = {}
    old.epoch, old.offset, old.place, old.units, old.micros, old.since =
      string.match(mark, '^(%d+) (%d+) (%S+) (%-?%d+) (%d+) (%S*)$')
  end
  if not old or tonumber(old.epoch) < epoch or tonumber(old.offset) <= tonumber(offset) then
    if public == '' then
      erase(id, old, since)
    else
      redis.call('SET', P .. 'customer:' .. id, public)
      if account == '' then redis.call('DEL', P .. 'account:' .. id)
      else redis.call('SET', P .. 'account:' .. id, account) end
      if old and old.place ~= place then redis.call('ZREM', list_of(old.place), id) end
      redis.call('ZADD', list_of(place), score, id)
      if next_ms == '' then redis.call('ZREM', P .. 'next', id)
      else redis.call('ZADD', P .. 'next', next_ms, id) end
      if not old then
        count(place, 1, units, micros)
        redis.call('PERSIST', P .. 'customer-signals:' .. id)
        redis.call('DEL', P .. 'view:erased:' .. redis.sha1hex(id))
      elseif old.place ~= place or old.units ~= units or old.micros ~= micros then
        count(old.place, -1, negated(old.units), negated(old.micros))
        count(place, 1, units, micros)
      end
      if since ~= '' and (not old or old.since ~= since) then
        forget_until(P .. 'customer-signals:' .. id, since)
      end
      redis.call('HSET', marks, id, table.concat({ARGV[4], offset, place, units, micros, since}, ' '))
    end
  end
end

-- Sums are integers to the last digit; the text readers see is made here, without doubles.
local function show(place)
  local units_of, micros_of = place .. ' units', place .. ' micros'
  local micros = tonumber(redis.call('HGET', sums, micros_of) or '0')
  local carry = math.floor(micros / 1000000)
  if carry ~= 0 then
    redis.call('HINCRBY', sums, units_of, string.format('%.0f', carry))
    redis.call('HINCRBY', sums, micros_of, string.format('%.0f', -carry * 1000000))
    micros = micros - carry * 1000000
  end
  local units, sign = redis.call('HGET', sums, units_of) or '0', ''
  if string.sub(units, 1, 1) == '-' then
    sign = '-'
    if micros > 0 then
      redis.call('HINCRBY', sums, units_of, 1)
      units, micros = redis.call('HGET', sums, units_of), 1000000 - micros
      redis.call('HINCRBY', sums, units_of, -1)
    end
    units = string.gsub(units, '^%-', '')
  end
  local fraction = string.gsub(string.format('%06d', micros), '0+$', '')
  if fraction ~= '' then fraction = '.' .. fraction end
  redis.call('HSET', summary, 'revenue:' .. place, sign .. units .. fraction)
end
for place in pairs(touched) do show(place) end

if ARGV[5] ~= '' then
  redis.call('HSET', partition, 'next_offset', ARGV[5])
  redis.call('HSET', summary, 'applied:' .. part, ARGV[5])
end
return {'ok'}
"""
)

# 5 position expected, 6 position reached, 7 signals kept a customer, 8 signals kept in the stream,
# 9 seconds that the list of a customer not (yet) in the view is kept; then, per signal:
# customer_id, offset, signal_id, effective_at, live (1/0), JSON, number of audiences, the audiences.
FEED = (
    _FENCE
    + r"""
if ARGV[5] ~= (held[3] or '') then return {'moved', held[3] or ''} end
local from = redis.call('HGET', P .. 'view:stream', 'from:' .. part)
if not from then return {'stream'} end
redis.call('HSET', partition, 'signals_next', ARGV[6])
local most = tonumber(ARGV[7])

-- True when it was put in: not there yet, and not older than all that are kept.
local function insert(list, signal_id, effective_at, payload)
  local items = redis.call('LRANGE', list, 0, -1)
  for _, item in ipairs(items) do
    if string.find(item, '"signal_id":"' .. signal_id .. '"', 1, true)
      or string.find(item, '"signal_id": "' .. signal_id .. '"', 1, true) then return false end
  end
  if #items == 0 or effective_at >= effective(items[1]) then
    redis.call('LPUSH', list, payload)
    redis.call('LTRIM', list, 0, most - 1)
    return true
  end
  if #items >= most and effective_at <= effective(items[#items]) then return false end
  local place = 1
  while items[place] and effective(items[place]) > effective_at do place = place + 1 end
  table.insert(items, place, payload)
  items[most + 1] = nil
  redis.call('DEL', list)
  redis.call('RPUSH', list, unpack(items))
  return true
end

-- What a customer must not be reminded of was effective until this instant; '' when there is nothing.
local function hidden_until(id, mark)
  if mark then return string.match(mark, '(%S*)$') end
  return redis.call('GET', P .. 'view:erased:' .. redis.sha1hex(id)) or ''
end

local i = 10
while i <= #ARGV do
  local id, offset, signal_id, effective_at = ARGV[i], tonumber(ARGV[i + 1]), ARGV[i + 2], ARGV[i + 3]
  local live, payload, audiences = ARGV[i + 4] == '1', ARGV[i + 5], tonumber(ARGV[i + 6])
  local list, mark = P .. 'customer-signals:' .. id, redis.call('HGET', marks, id)
  if effective_at > hidden_until(id, mark) and insert(list, signal_id, effective_at, payload) then
    if not mark then redis.call('EXPIRE', list, ARGV[9]) end
    if live and offset >= tonumber(from) then
      redis.call('XADD', P .. 'signals', 'MAXLEN', '~', ARGV[8], '*', 'data', payload)
      for a = 1, audiences do redis.call('PUBLISH', P .. 'signals:' .. ARGV[i + 6 + a], payload) end
    end
  end
  i = i + 7 + audiences
end
return {'ok'}
"""
)

# 1 prefix, 2 application: takes the view if nobody has it; 'new' says that it was empty.
CLAIM = """
local owner = redis.call('GET', ARGV[1] .. 'view:owner')
if owner == ARGV[2] then return {'ok'} end
if owner then return {'owner', owner} end
redis.call('SET', ARGV[1] .. 'view:owner', ARGV[2])
return {'new'}
"""

# 1 prefix, 2 application, 3 the restorer's token; then partition and first offset not restored, by turns.
STREAM_RESTORED = """
local P = ARGV[1]
local owner = redis.call('GET', P .. 'view:owner')
if owner ~= ARGV[2] then return {'owner', owner or ''} end
if redis.call('GET', P .. 'view:stream-restorer') ~= ARGV[3] then return {'moved', ''} end
for i = 4, #ARGV, 2 do redis.call('HSET', P .. 'view:stream', 'from:' .. ARGV[i], ARGV[i + 1]) end
local restored = P .. 'view:stream-restored'
if redis.call('EXISTS', restored) == 1 then redis.call('RENAME', restored, P .. 'signals')
else redis.call('DEL', P .. 'signals') end
redis.call('DEL', P .. 'view:stream-restorer')
return {'ok'}
"""

# 1 prefix, 2 application, 3 now; then partition, epoch, lag, newest event ('' = none), end of the log, by turns.
PROGRESS = """
local P = ARGV[1]
local owner = redis.call('GET', P .. 'view:owner')
if owner ~= ARGV[2] then return {'owner', owner or ''} end
local summary = P .. 'summary'
for i = 4, #ARGV, 5 do
  local part, epoch, lag, newest = ARGV[i], tonumber(ARGV[i + 1]), ARGV[i + 2], ARGV[i + 3]
  local held = redis.call('HGET', P .. 'view:partition:' .. part, 'epoch')
  if not held or tonumber(held) <= epoch then
    redis.call('HSET', summary, 'lag:' .. part, lag, 'end:' .. part, ARGV[i + 4], 'seen_at:' .. part, ARGV[3])
    if newest ~= '' then redis.call('HSET', summary, 'newest_event:' .. part, newest) end
  end
end
local fields, lag, newest, seen = redis.call('HGETALL', summary), 0, '', ''
for i = 1, #fields, 2 do
  local name, value = fields[i], fields[i + 1]
  if string.find(name, '^lag:') then lag = lag + tonumber(value) end
  if string.find(name, '^newest_event:') and value > newest then newest = value end
  if string.find(name, '^seen_at:') and (seen == '' or value < seen) then seen = value end
end
redis.call('HSET', summary, 'lag', string.format('%.0f', lag), 'newest_event', newest, 'seen_at', seen)
return {'ok'}
"""
