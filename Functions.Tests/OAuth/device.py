"""A game made of MSAL's generic OAuth client, unmodified.

Usage: device.py <broker> <client-id> <scope>. Prints the codes, then the tokens, each as one line of JSON.
"""
import json
import sys

import requests
from msal.oauth2cli.oauth2 import Client

broker, client_id, scope = sys.argv[1:4]
endpoints = requests.get(broker + "/.well-known/oauth-authorization-server").json()
client = Client(endpoints, client_id, http_client=requests.Session())
device = client.initiate_device_flow(scope=scope.split() or None)
print(json.dumps(device), flush=True)

tokens = client.obtain_token_by_device_flow(device)
refreshed = client.obtain_token_by_refresh_token(tokens["refresh_token"]) if "refresh_token" in tokens else None
print(json.dumps({"tokens": tokens, "refreshed": refreshed}), flush=True)
