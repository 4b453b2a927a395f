# A game in Godot 4: signs its player in by the device flow. Add it to a scene as a Node.
extends Node

const BROKER := "http://localhost:7071"
const APP := "aura"

func _ready() -> void:
	var device := await post("/device_authorization", "client_id=" + APP)
	OS.shell_open(device["verification_uri_complete"])
	var interval: float = device["interval"]
	while true:
		await get_tree().create_timer(interval).timeout
		var reply := await post("/token", "grant_type=urn:ietf:params:oauth:grant-type:device_code&client_id=%s&device_code=%s" % [APP, device["device_code"]])
		if reply.get("error") == "slow_down":
			interval += 5
		elif reply.get("error") != "authorization_pending":
			print("Signed in" if reply.has("access_token") else reply["error_description"])
			return

func post(path: String, form: String) -> Dictionary:
	var http := HTTPRequest.new()
	add_child(http)
	http.request(BROKER + path, ["Content-Type: application/x-www-form-urlencoded"], HTTPClient.METHOD_POST, form)
	var answer: Array = await http.request_completed
	http.queue_free()
	return JSON.parse_string(answer[3].get_string_from_utf8())
