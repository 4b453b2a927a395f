using System;
using System.Threading;
using TokenBroker.Client;
using UnityEngine;

/// <summary>Shows a code for the player's phone, waits, and shows who is signed in.</summary>
public sealed class DeviceFlowSample : MonoBehaviour
{
    public string broker = "http://localhost:7071";
    public string app = "aura";
    public string[] scopes = { };

    private readonly CancellationTokenSource _leaving = new CancellationTokenSource();
    private string _message = "";

    private async void Start()
    {
        var client = new TokenBrokerClient(new Uri(broker), app, new PlayerPrefsTokenStore());
        try
        {
            if (!await client.IsSignedInAsync())
                await client.SignInWithDeviceAsync(
                    prompt => _message = "Open " + prompt.Address + " and enter " + prompt.UserCode, _leaving.Token, scopes);
            _message = (await client.GetUserInfoAsync(_leaving.Token)).ToString();
        }
        catch (TokenBrokerException exception)
        {
            _message = exception.Message;
        }
        catch (OperationCanceledException)
        {
            // The player has left the scene.
        }
    }

    private void OnGUI() => GUILayout.Label(_message);

    private void OnDestroy() => _leaving.Cancel();
}
