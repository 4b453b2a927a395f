using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using TokenBroker;
using TokenBroker.Endpoints;
using TokenBroker.Local;
using TokenBroker.Local.Dev;

try
{
    var arguments = LocalArguments.Parse(args);
    var builder = WebApplication.CreateSlimBuilder(
        new WebApplicationOptions { Args = [.. arguments.Configuration], ContentRootPath = AppContext.BaseDirectory });
    // Below the environment and the command line, which are more at hand.
    var userSecrets = new ConfigurationBuilder().AddUserSecrets(typeof(LocalSetup).Assembly, optional: true).Sources;
    for (var index = 0; index < userSecrets.Count; index++)
        builder.Configuration.Sources.Insert(index, userSecrets[index]);
    builder.WebHost.UseKestrelHttpsConfiguration();
    await using var setup = await LocalSetup.FillInAsync(builder, arguments);
    builder.AddTokenBroker();
    if (arguments.Check)
        return await Check.RunAsync(builder, Console.Out);
    builder.Services.AddFunctionTimers(typeof(CreateSession).Assembly);
    DevConsole.Add(builder, setup);
    await using var app = builder.Build();
    app.UsePublicHost(app.Services.GetRequiredService<BrokerOptions>().PublicUrl);
    DevConsole.Map(app);
    app.MapFunctions(typeof(CreateSession).Assembly, app.Services.GetRequiredService<LocalLimits>().CallerOf);
    await app.StartAsync();
    Banner.Write(app.Services, setup, Console.Out);
    if (arguments.Open)
        DesktopBrowser.TryOpen(Banner.ConsoleUrl(app.Services.GetRequiredService<BrokerOptions>(), setup));
    await app.WaitForShutdownAsync();
    return 0;
}
catch (ConfigurationException exception)
{
    foreach (var problem in exception.Problems)
        Console.Error.WriteLine($"TokenBroker cannot start: {problem}");
    return 1;
}
catch (Exception exception) when (exception is IOException or InvalidOperationException or FormatException)
{
    // Kestrel: the address is in use or malformed, or there is no development certificate.
    Console.Error.WriteLine($"TokenBroker cannot start: {exception.Message.Split('\n')[0].Trim()} Choose another address with --urls.");
    return 1;
}
