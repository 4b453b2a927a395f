using System.Reflection;
using NetArchTest.Rules;
using TokenBroker.Storage;

namespace TokenBroker.Tests
{
    /// <summary>The folders of Functions are layers: each uses only those above it (docs/architecture.md).</summary>
    public sealed class LayerTests
    {
        private static readonly string[] Layers =
            ["Crypto", "Providers", "Apps", "Secrets", "OAuth", "Storage", "SignIns", "Web", "Endpoints"];

        public static TheoryData<string> Names => [.. Layers];

        [Theory]
        [MemberData(nameof(Names))]
        public void A_layer_uses_only_those_above_it(string layer) =>
            Assert.Empty(TypesThatLookDown(typeof(Session).Assembly, "TokenBroker", layer));

        [Fact]
        public void The_root_uses_no_layer_but_for_the_registration_file()
        {
            string[] layers = [.. Layers.Select(layer => $"TokenBroker.{layer}")];
            var users = Types.InAssembly(typeof(Session).Assembly).That().HaveDependencyOnAny(layers).GetTypes();
            var inRoot = users.Where(type => type.Namespace == "TokenBroker" && !type.IsNested).Select(type => type.Name);
            Assert.Equal(["DirectFunctionExecutor", nameof(TokenBrokerServices)], inRoot.Order());
        }

        [Fact]
        public void A_deliberate_look_down_is_found() =>
            Assert.Equal(["Offender"], TypesThatLookDown(typeof(LayerTests).Assembly, "TokenBroker.Deliberate", "Crypto"));

        private static IEnumerable<string> TypesThatLookDown(Assembly assembly, string root, string layer)
        {
            string[] below = [.. Layers.SkipWhile(name => name != layer).Skip(1).Select(name => $"{root}.{name}")];
            var types = Types.InAssembly(assembly).That().ResideInNamespace($"{root}.{layer}").And().HaveDependencyOnAny(below);
            return types.GetTypes().Select(type => type.Name);
        }
    }
}

namespace TokenBroker.Deliberate.Crypto
{
    /// <summary>A method body of an upper layer that uses a lower one, which reflection would not see.</summary>
    internal sealed class Offender
    {
        public static int Look() => Web.Offended.Seen();
    }
}

namespace TokenBroker.Deliberate.Web
{
    internal static class Offended
    {
        public static int Seen() => 1;
    }
}
