using System.Net;
using System.Net.Http.Headers;
using System.Web;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;

namespace TokenBroker.Tests.Infrastructure;

/// <summary>A player's browser: keeps cookies, follows redirects one at a time, fills in forms.</summary>
internal sealed class Browser : IDisposable
{
    private readonly HttpClient _http;

    public Browser(Uri broker, Transcript? transcript = null)
    {
        Cookies = new();
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, CookieContainer = Cookies };
        _http = new(transcript?.Hearing(handler) ?? handler) { BaseAddress = broker };
    }

    public CookieContainer Cookies { get; }

    /// <summary>What goes along with every request.</summary>
    public HttpRequestHeaders Headers => _http.DefaultRequestHeaders;

    /// <summary>Asks once, without following a redirect.</summary>
    public async Task<Answer> GetAsync(string url) =>
        await Answer.OfAsync(await _http.GetAsync(new Uri(url, UriKind.RelativeOrAbsolute)));

    /// <summary>Asks and follows redirects to the page at their end.</summary>
    public async Task<Answer> OpenAsync(string url) => await FollowAsync(await GetAsync(url));

    /// <summary>Asks, and follows redirects as long as they stay at the broker.</summary>
    /// <returns>A page, or the redirect that leads elsewhere.</returns>
    public async Task<Answer> OpenToGameAsync(string url)
    {
        var answer = await GetAsync(url);
        while (answer.Location is { } location && new Uri(answer.Url, location).Authority == answer.Url.Authority)
            answer = await GetAsync(new Uri(answer.Url, location).AbsoluteUri);
        return answer;
    }

    /// <summary>Asks a game of this machine, which may have begun to listen only just now.</summary>
    public async Task<Answer> GetPatientlyAsync(string url)
    {
        Answer? answer = null;
        await Wait.UntilAsync(async () =>
        {
            try
            {
                answer = await GetAsync(url);
            }
            catch (HttpRequestException)
            {
                // It does not listen yet.
            }
            return answer is not null;
        });
        return answer!;
    }

    public async Task<Answer> FollowAsync(Answer answer)
    {
        while (answer.Location is { } location)
            answer = await GetAsync(new Uri(answer.Url, location).AbsoluteUri);
        return answer;
    }

    /// <summary>Sends the consent form that an answer shows, without following the redirect back.</summary>
    public async Task<Answer> DecideAsync(Answer consent, string decision, string player = "ada")
    {
        var form = consent.Document.Forms.Single();
        var fields = form.Elements.OfType<IHtmlInputElement>().Where(input => input.Name is not null)
            .ToDictionary(input => input.Name!, input => input.Value);
        fields["player"] = player;
        fields["decision"] = decision;
        return await PostAsync(new Uri(consent.Url, form.GetAttribute("action")!), fields);
    }

    /// <summary>Sends a form, without following a redirect.</summary>
    public async Task<Answer> PostAsync(Uri url, Dictionary<string, string> fields)
    {
        using var content = new FormUrlEncodedContent(fields);
        return await Answer.OfAsync(await _http.PostAsync(url, content));
    }

    /// <summary>Goes to the provider and approves; the answer is the redirect back to the broker, not yet followed.</summary>
    public async Task<Answer> ApproveAsync(string createSession, string player = "ada") =>
        await DecideAsync(await OpenAsync(createSession), "approve", player);

    /// <summary>Types a user code into the form for it.</summary>
    /// <returns>The question whether the device may be signed in, or the form again.</returns>
    public async Task<Answer> TypeUserCodeAsync(string userCode)
    {
        var form = await GetAsync("/device");
        return await FollowAsync(await PostAsync(form.Url, new(HiddenFields(form)) { ["user_code"] = userCode }));
    }

    /// <summary>
    /// Answers the question whether a device may be signed in, without following the redirect to the provider. Who came by a link picks
    /// the code that it named, unless another is said.
    /// </summary>
    public async Task<Answer> AnswerDeviceAsync(Answer question, string action = "accept", string? pick = null)
    {
        var fields = HiddenFields(question);
        if (!fields.ContainsKey("user_code"))
            fields["user_code"] = pick ?? HttpUtility.ParseQueryString(question.Url.Query)["user_code"]!;
        fields["action"] = action;
        return await PostAsync(new Uri(question.Url, "/device"), fields);
    }

    private static Dictionary<string, string> HiddenFields(Answer page) =>
        page.Document.Forms.Single().Elements.OfType<IHtmlInputElement>().Where(input => input.Type == "hidden")
            .ToDictionary(input => input.Name!, input => input.Value);

    /// <summary>Signs a device in from beginning to end.</summary>
    /// <returns>The last page.</returns>
    public async Task<Answer> SignDeviceInAsync(string verificationUriComplete, string player = "ada")
    {
        var consent = await FollowAsync(await AnswerDeviceAsync(await OpenAsync(verificationUriComplete)));
        return await FollowAsync(await DecideAsync(consent, "approve", player));
    }

    /// <summary>Signs in from beginning to end.</summary>
    /// <returns>The access code on the page.</returns>
    public async Task<string> SignInAsync(string createSession = "/create-session?scopes=basic", string player = "ada")
    {
        var page = await FollowAsync(await ApproveAsync(createSession, player));
        return page.AccessCode ?? throw new InvalidOperationException($"No access code on the page: {page.Status} {page.Body}");
    }

    public void Dispose() => _http.Dispose();
}

/// <summary>What came back.</summary>
internal sealed record Answer(Uri Url, int Status, string? Location, string Body, HttpResponseMessage Response)
{
    public IHtmlDocument Document => new HtmlParser().ParseDocument(Body);

    public string? AccessCode => Document.GetElementById("access-code")?.TextContent;

    public string Heading => Document.QuerySelector("h1")!.TextContent;

    public static async Task<Answer> OfAsync(HttpResponseMessage response) => new(
        response.RequestMessage!.RequestUri!,
        (int)response.StatusCode,
        response.Headers.Location?.OriginalString,
        await response.Content.ReadAsStringAsync(),
        response);

    public string? Header(string name) =>
        Response.Headers.TryGetValues(name, out var values) || Response.Content.Headers.TryGetValues(name, out values)
            ? string.Join(", ", values)
            : null;
}
