-- SPDX-License-Identifier: BSD-2-Clause
-- lines.lua SCRIPT HOW: calls it for each line of standard input as Fluent Bit
-- (HOW fluent-bit) or Vector (HOW vector) would; what it makes of it as JSON.
dofile(arg[1])

local function json(value)
	if type(value) == "string" then
		return '"' .. value:gsub('[%z\1-\31"\\]', function(c)
			return ("\\u%04x"):format(c:byte())
		end) .. '"'
	elseif type(value) == "number" then
		return ("%.0f"):format(value)
	elseif value[1] ~= nil then
		local list = {}
		for i, v in ipairs(value) do
			list[i] = json(v)
		end
		return "[" .. table.concat(list, ",") .. "]"
	end
	local list = {}
	for k, v in pairs(value) do
		list[#list + 1] = json(k) .. ":" .. json(v)
	end
	return "{" .. table.concat(list, ",") .. "}"
end

for line in io.lines() do
	if arg[2] == "vector" then
		local event = { log = { message = line } }
		pidtreed_vector(event, function(e) event = e end)
		print(json(event.log))
	else
		local _, _, record = pidtreed("tag", 0, { log = line })
		print(json(record))
	end
end
