using System;
using TokenBroker.Client;
using UnityEngine;

/// <summary>Opens the player's browser, asks for the access code, and shows who is signed in.</summary>
public sealed class AccessCodeSample : MonoBehaviour
{
    public string broker = "http://localhost:7071";
    public string app = "aura";
    public string[] scopes = { };

    private TokenBrokerClient _client;
    private AccessCodeSignIn _signIn;
    private string _code = "";
    private string _message = "";

    private void Start() => _client = new TokenBrokerClient(new Uri(broker), app, new PlayerPrefsTokenStore());

    private void OnGUI()
    {
        GUILayout.Label(_message);
        if (GUILayout.Button("Sign in"))
        {
            _signIn = _client.SignInWithAccessCode(scopes);
            Application.OpenURL(_signIn.Address.AbsoluteUri);
        }
        if (_signIn == null)
            return;
        _code = GUILayout.TextField(_code);
        if (GUILayout.Button("Continue"))
            Complete();
    }

    private async void Complete()
    {
        try
        {
            await _signIn.CompleteAsync(_code);
            _message = (await _client.GetUserInfoAsync()).ToString();
        }
        catch (TokenBrokerException exception)
        {
            _message = exception.Error == TokenBrokerError.InvalidCode ? "That code is not right. Look again." : exception.Message;
        }
    }
}
